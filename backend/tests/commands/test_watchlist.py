"""`sightline watchlist`: no list without a basis, an approver and an end."""

import pytest

from tests.commands.conftest import Cli

BASIS = ("--legal-basis", "house rules §1", "--approver", "A. Approver")


def test_a_list_is_created_listed_and_switched(beside: Cli) -> None:
    assert (
        "watchlist Banned created, until 20" in beside("watchlist", "create", "Banned", *BASIS, "--priority", "5").both
    )
    assert "Banned 5 active 20" in beside("watchlist", "list").both
    assert beside("watchlist", "switch", "banned", "--off").both == "watchlist banned is off"
    assert "Banned 5 off 20" in beside("watchlist", "list").both
    assert beside("watchlist", "switch", "Banned", "--on").code == 0
    again = beside("watchlist", "create", "BANNED", *BASIS)
    assert (again.code, "a watchlist named BANNED exists" in again.both) == (2, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--legal-basis", "x"),
        ("--approver", "x"),
        ("--legal-basis", " ", "--approver", "x"),
        (*BASIS, "--days", "400"),
        (*BASIS, "--priority", "6"),
    ],
)
def test_what_a_list_must_have_cannot_be_left_out(beside: Cli, options: tuple[str, ...]) -> None:
    assert beside("watchlist", "create", "Bad", *options).code == 2
    assert "Bad " not in beside("watchlist", "list").stdout


def test_switching_needs_a_list_and_a_direction(beside: Cli) -> None:
    missing = beside("watchlist", "switch", "Nobody", "--off")
    assert (missing.code, "no watchlist named Nobody" in missing.both) == (2, True)
    assert beside("watchlist", "switch", "Nobody").code == 2
