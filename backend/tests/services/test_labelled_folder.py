"""Folders of people: both layouts, any script, and nothing from outside."""

import unicodedata
from pathlib import Path

import pytest

from sightline.core.errors import GalleryInvalid
from sightline.services.labelled_folder import read_labelled_folder


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_sub_folders_and_numbered_files_may_be_mixed(tmp_path: Path) -> None:
    touch(
        tmp_path, "Ann Lee/x.jpg", "Ann Lee/y.PNG", "bo-ek-1.jpg", "bo-ek-2.webp", "Cy_Dow_0001.jpg", "two-people.jpg"
    )
    found = {(image.subject, image.path) for image in read_labelled_folder(tmp_path).images}
    assert found == {
        ("Ann Lee", "Ann Lee/x.jpg"),
        ("Ann Lee", "Ann Lee/y.PNG"),
        ("bo-ek", "bo-ek-1.jpg"),
        ("bo-ek", "bo-ek-2.webp"),
        ("Cy_Dow", "Cy_Dow_0001.jpg"),
        ("two-people", "two-people.jpg"),
    }


def test_names_in_any_script_are_one_person_however_they_are_composed(tmp_path: Path) -> None:
    names = ["Zoë Müller", "李小龍", "محمد علی", "Владимир", "नरेन्द्र", "می\u200cخواهم"]
    touch(tmp_path, *(f"{name}/1.jpg" for name in names))
    touch(tmp_path, unicodedata.normalize("NFD", "Zoë Müller") + "/2.jpg")
    listing = read_labelled_folder(tmp_path)
    assert set(listing.subjects) == set(names)
    assert len(listing.images) == len(names) + 1


def test_links_out_of_the_folder_are_refused_by_name(tmp_path: Path) -> None:
    outside, gallery = tmp_path / "outside", tmp_path / "gallery"
    touch(outside, "secret.jpg", "Eve/1.jpg")
    touch(gallery, "Ann/1.jpg")
    (gallery / "Ann" / "2.jpg").symlink_to(outside / "secret.jpg")
    (gallery / "Ann" / "3.jpg").symlink_to(gallery / "Ann" / "1.jpg")
    (gallery / "Eve").symlink_to(outside / "Eve")
    (gallery / "gone-1.jpg").symlink_to(gallery / "nowhere.jpg")
    (gallery / "loop-1.jpg").symlink_to(gallery / "loop-1.jpg")
    listing = read_labelled_folder(gallery)
    assert [image.path for image in listing.images] == ["Ann/1.jpg", "Ann/3.jpg"]
    assert {image.name: image.error.message for image in listing.refused} == {
        "Ann/2.jpg": "it is a link out of the folder",
        "Eve": "it is a link out of the folder",
        "gone-1.jpg": "it is a link that leads nowhere",
        "loop-1.jpg": "it is a link that leads nowhere",
    }


def test_names_that_would_play_with_a_terminal_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "Ann/1.jpg", "evil\x1b[2J/1.jpg")
    listing = read_labelled_folder(tmp_path)
    assert listing.subjects == ("Ann",)
    assert [image.name for image in listing.refused] == ["evil\N{REPLACEMENT CHARACTER}[2J"]


def test_other_files_are_listed_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "Ann/1.jpg", "Ann/notes.txt", ".DS_Store", "Ann/.hidden.jpg", "pairs.csv")
    listing = read_labelled_folder(tmp_path)
    assert listing.ignored == ("Ann/notes.txt", "pairs.csv")
    assert listing.subjects == ("Ann",)


def test_a_missing_empty_or_wrong_folder_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name, message in [("none", "does not exist"), ("empty", "holds no picture"), ("file", "is not a folder")]:
        with pytest.raises(GalleryInvalid, match=message) as refused:
            read_labelled_folder(tmp_path / name)
        assert "sub-folder" in refused.value.hint


def test_a_folder_of_empty_folders_holds_no_picture(tmp_path: Path) -> None:
    (tmp_path / "Ann").mkdir()
    with pytest.raises(GalleryInvalid, match="holds no picture"):
        read_labelled_folder(tmp_path)
