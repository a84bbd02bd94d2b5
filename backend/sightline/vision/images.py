"""Still images from outside, decoded within limits: the content decides what a file is, never its name."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from stat import S_ISREG

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base
from PIL.Image import Transpose

from sightline.core.errors import ImageRejected, TooLarge, UnsupportedMedia
from sightline.domain.arrays import ImageArray

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
"""Formats that are decoded. MPO, a JPEG with more pictures behind the first as phones write it, is a JPEG."""

CANVAS_GREY = 114
"""What detectors are used to see beside a picture (the letterbox of the YOLO family)."""

_CONVERT = "Save it as JPEG or PNG and try again."
_DAMAGED = "Copy or export the picture again from where it came from."

_DECODER_ERRORS = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged data; they share no base class."""

_WIDE_GREY = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})
"""Pillow's modes for grey of more than 8 bits; convert() would clip them at 255."""

_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What makes a picture upright, by its EXIF orientation (CIPA DC-008, 4.6.6); 1 is upright."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may cost.

    max_bytes of the file. max_pixels of the picture, checked before it is decoded: 40 million are
    120 MB as an array, and three times that for a moment while colours are converted. min_side_px
    of the shorter side: a face with 14 px between the eyes, the least that is told, is 32 px high.
    """

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 40_000_000
    min_side_px: int = 32


DEFAULT_LIMITS = ImageLimits()


def load_upload(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> ImageArray:
    """Decode one picture that a stranger sent: load_image() of the formats that cameras and browsers write.

    Its first bytes say what it is, whatever name or type came with it; what else the bytes may be to other programs
    goes with the decoding. Raises TooLarge, UnsupportedMedia, ImageRejected.
    """
    if len(data) > limits.max_bytes:
        raise TooLarge(_too_many_bytes(len(data), limits).message, hint="Scale the picture down or save it as JPEG.")
    if data and not _is_upload_format(data):
        raise UnsupportedMedia("the file is no JPEG, PNG or WebP picture by its content", hint=_CONVERT)
    return load_image(data, limits)


def _is_upload_format(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def load_image(source: Path | bytes, limits: ImageLimits = DEFAULT_LIMITS) -> ImageArray:
    """Decode one still picture -> (H, W, 3) uint8 BGR, upright.

    EXIF rotation is applied, CMYK and palettes are converted, 16 bits are scaled to 8, transparent
    pixels become white. Raises ImageRejected, with what to do, for anything else: an unreadable or
    empty file, a file that is no picture, damaged or truncated data, several frames or pages, a
    picture beyond the limits (refused from its header).
    """
    data = source if isinstance(source, bytes) else _read(source, limits)
    if not data:
        raise ImageRejected("the file is empty (0 bytes)", hint=_DAMAGED)
    if len(data) > limits.max_bytes:
        raise _too_many_bytes(len(data), limits)
    with _pillow_warnings(), _open(data, limits) as image:
        _check_header(image, limits)
        return _decode(image)


@contextmanager
def _pillow_warnings() -> Iterator[None]:
    """Pillow warns of odd metadata, which costs us nothing, and of huge pictures, which we refuse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _read(path: Path, limits: ImageLimits) -> bytes:
    """The file's bytes. Asks for its kind and size first, since reading a pipe or a device may never end."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise ImageRejected(f"{path.name} is not a file", hint="Give the path of a picture.")
        if status.st_size > limits.max_bytes:
            raise _too_many_bytes(status.st_size, limits)
        with path.open("rb") as file:
            return file.read(limits.max_bytes + 1)
    except FileNotFoundError:
        raise ImageRejected(f"{path.name} does not exist", hint="Check the path.") from None
    except PermissionError:
        raise ImageRejected(f"{path.name} may not be read", hint="Give this user read permission.") from None
    except OSError as error:
        raise ImageRejected(f"{path.name} cannot be read: {error.strerror}", hint="Check the path.") from error


def _too_many_bytes(size: int, limits: ImageLimits) -> ImageRejected:
    mebibyte = 1024 * 1024
    return ImageRejected(
        f"the file has {size / mebibyte:.1f} MiB; at most {limits.max_bytes / mebibyte:.0f} are read",
        hint="Scale the picture down or save it as JPEG.",
    )


def _too_many_pixels(detail: str, limits: ImageLimits) -> ImageRejected:
    return ImageRejected(
        f"the picture has {detail}; at most {limits.max_pixels / 1e6:g} million pixels are decoded",
        hint="Scale the picture down and try again.",
    )


def _open(data: bytes, limits: ImageLimits) -> Image.Image:
    """Read the header only. Pillow's own guards against huge pictures lie beyond our limit."""
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels("far too many pixels", limits) from error
    except UnidentifiedImageError as error:
        raise ImageRejected("the file is not a picture that can be read", hint=_readable_formats(data)) from error
    except _DECODER_ERRORS as error:
        raise ImageRejected(f"the picture's header is damaged ({error})", hint=_DAMAGED) from error


def _readable_formats(data: bytes) -> str:
    """A hint for a file that nobody recognised; ISO media brands in bytes 8 to 12 tell HEIC and AVIF."""
    if data[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftypavif", b"ftyphevc"}:
        return "HEIC and AVIF are not supported. " + _CONVERT
    return "Readable are JPEG, PNG, WebP, BMP, TIFF and still GIF. " + _CONVERT


def _check_header(image: Image.Image, limits: ImageLimits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise _too_many_pixels(f"{width} × {height} = {width * height / 1e6:.1f} million pixels", limits)
    if min(width, height) < limits.min_side_px:
        raise ImageRejected(
            f"the picture is only {width} × {height} px; a face needs at least {limits.min_side_px} px",
            hint="Use a larger picture.",
        )
    if image.format != "MPO" and _frames(image) > 1:
        raise ImageRejected(
            f"the file holds {_frames(image)} frames or pages, not one still picture",
            hint="Save the frame that shows the face as a picture of its own.",
        )


def _frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except _DECODER_ERRORS as error:
        raise ImageRejected(f"the picture is damaged ({error})", hint=_DAMAGED) from error


def _decode(image: Image.Image) -> ImageArray:
    try:
        image.load()
        upright = _upright(image)
        rgb = np.asarray(_to_rgb(upright), dtype=np.uint8)
    except _DECODER_ERRORS as error:
        raise ImageRejected(f"the picture is truncated or damaged ({error})", hint=_DAMAGED) from error
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation. With a damaged EXIF block the picture is taken as it lies."""
    try:
        orientation = image.getexif().get(Base.Orientation)
    except _DECODER_ERRORS:
        return image
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in _WIDE_GREY:
        return _from_wide_grey(image).convert("RGB")
    if image.mode == "F":
        raise ImageRejected("the picture has floating-point pixels, whose range is not known", hint=_CONVERT)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _from_wide_grey(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits: 65535 / 257 = 255."""
    values = np.asarray(image)
    if values.min() < 0 or values.max() > 0xFFFF:
        raise ImageRejected("the picture has more than 16 bits per pixel", hint=_CONVERT)
    return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def shrunk(image: ImageArray, factor: int) -> ImageArray:
    """The picture 1/factor as large (area mean), at the top left of a grey canvas of its old size.

    image (H, W, 3) uint8 BGR -> the same shape; a point of the result times factor is its point in the picture.
    """
    canvas = np.full_like(image, CANVAS_GREY)
    small = np.asarray(Image.fromarray(image).reduce(factor))
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas


def reduced(image: ImageArray, longest_px: int) -> tuple[ImageArray, float]:
    """The picture with its longer side at most longest_px (area mean, Lanczos), and by how much it was scaled."""
    factor = longest_px / max(image.shape[:2])
    if factor >= 1:
        return image, 1.0
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    small = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(small), factor
