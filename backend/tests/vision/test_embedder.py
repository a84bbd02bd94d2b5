"""The embedder feeds crops as the manifest says, whatever batch the model takes."""

from pathlib import Path

import numpy as np
import pytest

from sightline.core.errors import PackDamaged
from sightline.domain.arrays import ImageArray
from sightline.vision.embedder import ArcFaceEmbedder
from sightline.vision.model_packs.manifest import EmbedderEntry, Manifest
from sightline.vision.runtime import RuntimeOptions, open_session
from tests.vision.embedding_models import embedder_entry, quarters_model


def open_embedder(path: Path, entry: EmbedderEntry) -> ArcFaceEmbedder:
    return ArcFaceEmbedder(open_session(path, RuntimeOptions()), entry)


def crops(count: int) -> ImageArray:
    return np.random.default_rng(7).integers(0, 256, (count, 112, 112, 3), dtype=np.uint8)


def foretold(aligned: ImageArray) -> np.ndarray:
    """What the quarters model must give, from its definition: RGB, (x - 127.5) / 128, length 1."""
    values = (aligned[..., ::-1].astype(np.float64) - 127.5) / 128
    means = values.reshape(-1, 2, 56, 2, 56, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2).reshape(-1, 12)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("batch", ["batch", 1, 2])
def test_colours_scale_and_padding(tmp_path: Path, layout: str, batch: int | str) -> None:
    path = quarters_model(tmp_path / "embedder.onnx", layout, batch)
    aligned = crops(5)
    templates = open_embedder(path, embedder_entry(layout=layout)).embed(aligned)
    assert templates.shape == (5, 512)
    assert templates.dtype == np.float32
    np.testing.assert_allclose(templates[:, :12], foretold(aligned), atol=1e-4)
    np.testing.assert_array_equal(templates[:, 12:], 0)


def test_a_crowd_larger_than_a_batch_keeps_its_order(tmp_path: Path) -> None:
    embedder = open_embedder(quarters_model(tmp_path / "embedder.onnx"), embedder_entry())
    aligned = crops(40)
    np.testing.assert_allclose(embedder.embed(aligned)[:, :12], foretold(aligned), atol=1e-4)


def test_nobody_gives_no_template(tmp_path: Path) -> None:
    embedder = open_embedder(quarters_model(tmp_path / "embedder.onnx"), embedder_entry())
    assert embedder.embed(crops(0)).shape == (0, 512)
    assert embedder.model_version == "quarters-1"


def test_other_dimensions_than_the_manifest_says_are_refused(tmp_path: Path) -> None:
    embedder = open_embedder(quarters_model(tmp_path / "embedder.onnx"), embedder_entry(dimensions=32))
    with pytest.raises(PackDamaged, match="its manifest says") as caught:
        embedder.embed(crops(1))
    assert caught.value.hint


def test_another_layout_than_the_manifest_says_is_refused(tmp_path: Path) -> None:
    path = quarters_model(tmp_path / "embedder.onnx", "NHWC")
    with pytest.raises(PackDamaged, match="NCHW"):
        open_embedder(path, embedder_entry(layout="NCHW"))


def test_crops_of_another_size_are_a_programming_error(tmp_path: Path) -> None:
    embedder = open_embedder(quarters_model(tmp_path / "embedder.onnx"), embedder_entry())
    with pytest.raises(ValueError, match="aligned must have shape"):
        embedder.embed(np.zeros((1, 96, 96, 3), np.uint8))


def test_the_default_packs_embedder_does_not_mind_company(lite_pack: Path) -> None:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    embedder = open_embedder(lite_pack / manifest.embedder.file, manifest.embedder)
    aligned = crops(3)
    alone = np.concatenate([embedder.embed(aligned[index : index + 1]) for index in range(3)])
    np.testing.assert_allclose(embedder.embed(aligned), alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1.0, atol=1e-5)
