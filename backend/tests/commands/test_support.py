"""What commands on pictures share."""

import os

import pytest

from sightline.commands.support import print_json, printable, progress


@pytest.mark.parametrize("name", ["Zoë Müller", "李小龍", "محمد علی", "می\u200cخواهم", "नरेन्द्र"])
def test_names_in_any_script_are_shown_as_they_are(name: str) -> None:
    assert printable(name) == name


def test_what_would_play_with_the_terminal_is_not() -> None:
    assert printable("evil\x1b[2J\n") == "evil?[2J?"
    assert printable(os.fsdecode(b"latin-\xe9.jpg")) == "latin-?.jpg"


def test_json_keeps_names_readable_and_survives_broken_ones(capfd: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "李", "file": os.fsdecode(b"latin-\xe9.jpg")})
    printed = capfd.readouterr().out
    assert '"李"' in printed
    assert "latin-\\udce9.jpg" in printed


def test_progress_stays_off_standard_output_and_off_pipes(capfd: pytest.CaptureFixture[str]) -> None:
    with progress("embedding") as on_progress:
        on_progress(1, 2)
    assert capfd.readouterr() == ("", "")
