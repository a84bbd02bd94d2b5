"""`sightline enroll` beside a running system: all or nothing, and nobody twice under two names unasked."""

import asyncio
import io
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from tests.commands.conftest import Cli
from tests.support.guests import PORTRAIT
from tests.support.machine import Machine

BASIS = ("--legal-basis", "consent", "--approver", "A. Approver")


@pytest.fixture(scope="module")
def darker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same person in another picture."""
    target = tmp_path_factory.mktemp("pictures") / "grace hopper.png"
    with Image.open(PORTRAIT) as portrait:
        ImageEnhance.Brightness(portrait).enhance(0.7).save(target)
    return target


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pictures") / "wall.png"
    Image.new("RGB", (300, 300), (90, 90, 90)).save(target)
    return target


def _subjects(system: Machine) -> list[tuple[str, str | None, int]]:
    rows = asyncio.run(
        system.query(
            "SELECT s.name, w.name AS list, count(i.id) AS pictures FROM subjects s LEFT JOIN watchlists w"
            " ON w.id = s.watchlist_id LEFT JOIN images i ON i.subject_id = s.id GROUP BY 1, 2 ORDER BY 1"
        )
    )
    return [(row["name"], row["list"], row["pictures"]) for row in rows]


def _stored_pictures(system: Machine) -> int:
    return len(list((system.data_dir / "objects").rglob("subjects/*/*.jpg")))


def test_from_the_first_picture_to_a_second_name(system: Machine, beside: Cli, darker: Path, nobody: Path) -> None:
    """One story, since a gallery grows: each step stands on those before."""
    spoilt = beside("enroll", "Grace Hopper", PORTRAIT, nobody)
    assert (spoilt.code, "no face was found" in spoilt.both) == (2, True)
    unknown_list = beside("enroll", "Grace Hopper", PORTRAIT, "--watchlist", "Guests")
    assert (unknown_list.code, "no watchlist named Guests" in unknown_list.both) == (2, True)
    assert (_subjects(system), _stored_pictures(system)) == ([], 0)

    assert beside("watchlist", "create", "Guests", *BASIS).code == 0
    done = beside("enroll", "Grace Hopper", PORTRAIT, "--watchlist", "guests", "--external-id", "7")
    assert "Grace Hopper enrolled with 1 pictures (lite), subject " in done.both
    assert (_subjects(system), _stored_pictures(system)) == ([("Grace Hopper", "Guests", 1)], 1)

    for state in ("--on", "--off", "--on"):  # also while nobody searches for her
        assert beside("watchlist", "switch", "Guests", state).code == 0
        twin = beside("enroll", "G. Hopper", darker)
        assert twin.code == 2
        assert "this face looks like Grace Hopper, who is enrolled already" in twin.both
        assert "--yes" in twin.both
    other_number = beside("enroll", "Grace Hopper", darker, "--external-id", "8")
    assert (other_number.code, "another external id" in other_number.both) == (2, True)
    assert (_subjects(system), _stored_pictures(system)) == ([("Grace Hopper", "Guests", 1)], 1)

    assert beside("enroll", "grace hopper", darker).code == 0  # the same subject, whose list stays
    assert _subjects(system) == [("Grace Hopper", "Guests", 2)]
    assert beside("enroll", "G. Hopper", darker, "--yes").code == 0
    assert _subjects(system) == [("G. Hopper", None, 1), ("Grace Hopper", "Guests", 2)]


def test_at_a_terminal_it_asks(system: Machine, beside: Cli, darker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says no has enrolled nobody."""
    beside("enroll", "Grace Hopper", PORTRAIT)
    before = _subjects(system)
    for answer, grown in (("n\n", 0), ("y\n", 1)):
        terminal = io.StringIO(answer)
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", terminal)
        asked = beside("enroll", "Amazing Grace", darker)
        assert "who is enrolled already" in asked.both
        assert len(_subjects(system)) == len(before) + grown


def test_a_picture_that_is_none_is_told(beside: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    for picture in (tmp_path / "a.jpg", tmp_path / "missing.jpg", tmp_path):
        done = beside("enroll", "Nobody", picture)
        assert (done.code, "what to do" in done.both) == (2, True), done.both
