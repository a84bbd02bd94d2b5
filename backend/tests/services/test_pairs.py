"""Files of labelled pairs: both formats are read, and every mistake is named by its line."""

from pathlib import Path

import pytest

from sightline.core.errors import PairsInvalid
from sightline.services.pairs import LabelledPair, read_pairs

HEADER = "file_x,file_y,Decision\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = tmp_path / "images"
    for name in ["a.jpg", "b.jpg", "c.jpg", "Ann_Lee/Ann_Lee_0001.jpg", "Ann_Lee/Ann_Lee_0002.jpg"]:
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        (images / name).touch()
    (images / "Bo_Ek_0012.jpg").touch()
    return images


def written(folder: Path, text: str) -> Path:
    path = folder.parent / "pairs"
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_with_any_column_order_and_a_byte_order_mark(folder: Path) -> None:
    pairs = read_pairs(written(folder, "\ufeffDecision,file_x,file_y\nYes,a.jpg,b.jpg\n\nno , a.jpg, c.jpg\n"), folder)
    assert pairs.pairs == (LabelledPair("a.jpg", "b.jpg", True), LabelledPair("a.jpg", "c.jpg", False))
    assert pairs.pictures == ("a.jpg", "b.jpg", "c.jpg")


def test_lfw_with_its_own_folds(folder: Path) -> None:
    fold = "Ann_Lee\t1\t2\nAnn_Lee\t2\tBo_Ek\t12\n"
    pairs = read_pairs(written(folder, "2\t1\n" + fold * 2), folder).pairs
    assert [(pair.genuine, pair.fold) for pair in pairs] == [(True, 0), (False, 0), (True, 1), (False, 1)]
    assert pairs[1].first == "Ann_Lee/Ann_Lee_0002.jpg"
    assert pairs[1].second == "Bo_Ek_0012.jpg"


def test_lfw_view_1_has_no_folds(folder: Path) -> None:
    pairs = read_pairs(written(folder, "1\nAnn_Lee 1 2\nAnn_Lee 2 Bo_Ek 12\n"), folder).pairs
    assert [pair.fold for pair in pairs] == [None, None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (HEADER, "holds no pair"),
        ("left,right,same\na.jpg,b.jpg,Yes\n", "line 1: the columns are left, right, same"),
        (HEADER + "a.jpg,b.jpg,Yes\na.jpg,c.jpg,maybe\n", "line 3: Decision is 'maybe'"),
        (HEADER + "a.jpg,b.jpg\n", "line 2: 2 columns instead of 3"),
        (HEADER + "../a.jpg,b.jpg,Yes\n", "line 2: '../a.jpg' is no path below"),
        (HEADER + "/a.jpg,b.jpg,Yes\n", "line 2: '/a.jpg' is no path below"),
        (HEADER + "a.jpg,gone.jpg,Yes\n", "1 of 2 pictures are missing: gone.jpg"),
        ("hello there\n", "line 1: 'hello there' is no header"),
        ("1 1\nAnn_Lee 1 2\n", "line 1 promises 2 pairs, the file holds 1"),
        ("1 1\nAnn_Lee 1 2\nAnn_Lee 1 2\n", "line 3: expected name number name number"),
        ("1 1\nAnn_Lee 1 two\nAnn_Lee 1 Bo_Ek 12\n", "line 2: 'two' is no picture number"),
        ("1 1\nAnn_Lee 1 2\nAnn_Lee 1 ../../x 12\n", "line 3: .* is no path below"),
    ],
)
def test_every_mistake_is_named(folder: Path, text: str, message: str) -> None:
    with pytest.raises(PairsInvalid, match=message) as refused:
        read_pairs(written(folder, text), folder)
    assert refused.value.hint


def test_missing_file_missing_folder_and_binary_file(folder: Path) -> None:
    with pytest.raises(PairsInvalid, match="does not exist"):
        read_pairs(folder / "none.csv", folder)
    with pytest.raises(PairsInvalid, match="is not a folder"):
        read_pairs(written(folder, HEADER + "a.jpg,b.jpg,Yes\n"), folder / "none")
    (folder / "binary").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(PairsInvalid, match="UTF-8"):
        read_pairs(folder / "binary", folder)


def test_many_missing_pictures_are_counted_not_scrolled(folder: Path) -> None:
    rows = "".join(f"a.jpg,gone{number}.jpg,No\n" for number in range(30))
    with pytest.raises(PairsInvalid, match=r"30 of 31 pictures are missing: .* and 20 more"):
        read_pairs(written(folder, HEADER + rows), folder)
