"""Pictures from outside: what is read, what is refused, and that nothing else ever happens."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sightline.core.errors import ImageRejected
from sightline.vision.images import CANVAS_GREY, ImageLimits, load_image, shrunk

WIDTH, HEIGHT = 64, 48
BLUE_RGB = (20, 60, 200)


def encoded(image: Image.Image, fmt: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, fmt, **options)
    return buffer.getvalue()


def blue(mode: str = "RGB") -> Image.Image:
    return Image.new("RGB", (WIDTH, HEIGHT), BLUE_RGB).convert(mode)


def red_left_blue_right() -> Image.Image:
    """Which way up a picture lies can be told from its corners."""
    image = blue()
    image.paste((230, 10, 10), (0, 0, WIDTH // 2, HEIGHT))
    return image


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises width × height pixels and holds none."""
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    idat = b"IDAT" + zlib.compress(b"")
    chunks = [struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) for body in (ihdr, idat)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_every_supported_format_becomes_bgr(fmt: str) -> None:
    pixels = load_image(encoded(blue(), fmt))
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    np.testing.assert_allclose(pixels[24, 32], BLUE_RGB[::-1], atol=8)


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(encoded(blue(), "PNG"))
    assert load_image(path)[0, 0].tolist() == list(BLUE_RGB[::-1])


def test_a_jpeg_with_an_archive_behind_it_is_a_jpeg() -> None:
    assert load_image(encoded(blue(), "JPEG") + b"PK\x03\x04" + bytes(64)).shape == (HEIGHT, WIDTH, 3)


def test_cmyk_is_converted() -> None:
    np.testing.assert_allclose(load_image(encoded(blue("CMYK"), "JPEG"))[24, 32], BLUE_RGB[::-1], atol=12)


@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(fmt: str) -> None:
    ramp = np.linspace(0, 0xFFFF, WIDTH, dtype=np.uint16)[None].repeat(HEIGHT, axis=0)
    pixels = load_image(encoded(Image.fromarray(ramp), fmt))
    np.testing.assert_array_equal(pixels[0, :, 0], np.round(ramp[0] / 257))
    assert len(np.unique(pixels)) == WIDTH


def test_transparent_pixels_become_white() -> None:
    image = Image.new("RGBA", (WIDTH, HEIGHT), (*BLUE_RGB, 0))
    image.paste((*BLUE_RGB, 255), (0, 0, WIDTH // 2, HEIGHT))
    for data in (encoded(image, "PNG"), encoded(image.quantize(), "PNG")):
        pixels = load_image(data)
        assert pixels[0, -1].tolist() == [255, 255, 255]
        np.testing.assert_allclose(pixels[0, 0], BLUE_RGB[::-1], atol=4)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(orientation: int) -> None:
    upright = np.asarray(red_left_blue_right())[:, :, ::-1]
    as_the_sensor_saw_it = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(upright, 3),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(as_the_sensor_saw_it[:, :, ::-1]))
    np.testing.assert_array_equal(load_image(encoded(stored, "PNG", exif=exif)), upright)


def test_a_damaged_exif_block_does_not_cost_the_picture() -> None:
    assert load_image(encoded(blue(), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff\x00")).shape[:2] == (
        HEIGHT,
        WIDTH,
    )


@pytest.mark.parametrize("fmt", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_and_pages_are_refused(fmt: str) -> None:
    data = encoded(blue(), fmt, save_all=True, append_images=[red_left_blue_right()])
    with pytest.raises(ImageRejected, match="2 frames or pages") as refused:
        load_image(data)
    assert "Save the frame" in refused.value.hint


def test_30000_by_30000_is_refused_from_its_header() -> None:
    with pytest.raises(ImageRejected, match="million pixels are decoded"):
        load_image(png_header(30_000, 30_000))
    with pytest.raises(ImageRejected, match=r"8000 × 8000 = 64\.0 million"):
        load_image(png_header(8_000, 8_000))


def test_too_many_bytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(ImageRejected, match=r"200\.0 MiB; at most 20"):
        load_image(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"hello, this is text", "not a picture"),
        (b"%PDF-1.7\n", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (encoded(Image.new("RGB", (12, 12)), "PNG"), "only 12 × 12 px"),
        (encoded(Image.new("F", (WIDTH, HEIGHT)), "TIFF"), "floating-point"),
    ],
)
def test_what_is_no_usable_picture_is_refused_with_a_hint(data: bytes, message: str) -> None:
    with pytest.raises(ImageRejected, match=message) as refused:
        load_image(data)
    assert refused.value.hint


def test_heic_is_named_in_the_hint() -> None:
    with pytest.raises(ImageRejected) as refused:
        load_image(b"\x00\x00\x00\x18ftypheic" + bytes(32))
    assert "HEIC" in refused.value.hint


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "BMP"])
def test_half_a_picture_is_refused(fmt: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), fmt)
    with pytest.raises(ImageRejected, match=r"damaged|not a picture"):
        load_image(data[: len(data) // 2])


def test_paths_that_are_no_files_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    for path, message in [
        (pipe, "not a file"),
        (tmp_path, "not a file"),
        (tmp_path / "no.jpg", "does not exist"),
    ]:
        with pytest.raises(ImageRejected, match=message):
            load_image(path)


def test_limits_are_the_callers() -> None:
    with pytest.raises(ImageRejected, match="64 × 48"):
        load_image(encoded(blue(), "PNG"), ImageLimits(max_pixels=1_000))


def test_a_shrunk_picture_keeps_its_size_and_its_places() -> None:
    image = np.asarray(red_left_blue_right())[:, :, ::-1]
    small = shrunk(image, 2)
    assert small.shape == image.shape
    np.testing.assert_array_equal(small[: HEIGHT // 2, : WIDTH // 2], image[::2, ::2])
    assert (small[HEIGHT // 2 :] == CANVAS_GREY).all()
    assert (small[:, WIDTH // 2 :] == CANVAS_GREY).all()


SOUND = {fmt: encoded(red_left_blue_right(), fmt) for fmt in ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")}


@settings(max_examples=150, deadline=None)
@given(
    fmt=st.sampled_from(sorted(SOUND)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 10_000),
)
def test_damaged_data_gives_a_picture_or_a_refusal(fmt: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SOUND[fmt][: max(cut % (2 * len(SOUND[fmt])), 1)])
    for position, value in changes:
        data[position % len(data)] = value
    try:
        pixels = load_image(bytes(data))
    except ImageRejected as refused:
        assert refused.hint  # noqa: PT017 - either outcome is right, nothing else is
    else:
        assert pixels.ndim == 3
