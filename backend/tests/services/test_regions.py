"""Files of polygons, as people write them."""

from pathlib import Path

import pytest

from sightline.core.errors import InvalidInput
from sightline.domain.regions import Polygon, Regions
from sightline.services.regions import EXAMPLE, read_regions

TRIANGLE = "[[0, 0], [1, 0], [1, 1]]"


def read(folder: Path, text: str) -> Regions:
    path = folder / "regions.json"
    path.write_text(text, encoding="utf-8")
    return read_regions(path)


def test_both_kinds_are_read_and_either_may_be_missing(tmp_path: Path) -> None:
    triangle = Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    both = read(tmp_path, f'{{"interest": [{TRIANGLE}], "privacy": [{TRIANGLE}, {TRIANGLE}]}}')
    assert both == Regions((triangle,), (triangle, triangle))
    assert read(tmp_path, f'{{"privacy": [{TRIANGLE}]}}') == Regions(privacy=(triangle,))
    assert read(tmp_path, "{}") == read_regions(None) == Regions()


def test_the_example_in_the_hint_is_right(tmp_path: Path) -> None:
    assert len(read(tmp_path, EXAMPLE).interest) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("[]", "the file"),
        (f'{{"mask": [{TRIANGLE}]}}', "mask"),
        (f'{{"privacy": {TRIANGLE}}}', "privacy"),
        ('{"privacy": [[[0, 0], [1, 1]]]}', "at least 3 points"),
        ('{"privacy": [[[0, 0], [640, 0], [640, 360]]]}', "fractions"),
        ('{"privacy": [[[0, 0], [NaN, 0], [1, 1]]]}', "regions.json"),
        ('{"privacy": [[[0, 0, 0], [1, 0, 0], [1, 1, 0]]]}', "privacy.0.0"),
    ],
)
def test_a_mask_that_is_not_understood_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        read(tmp_path, text)
    assert "regions.json" in refusal.value.message
    assert EXAMPLE in refusal.value.hint


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        read_regions(tmp_path / "none.json")
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        read_regions(tmp_path)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match=r"binary\.json"):
        read_regions(tmp_path / "binary.json")
