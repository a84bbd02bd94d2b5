"""Links that acknowledge: made and read again, ended, and every change found."""

import base64
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.config import Settings
from sightline.core.errors import Gone, SignatureRefused
from sightline.core.key_ring import KeyRing, rotate
from sightline.services import acknowledge_links
from sightline.services.acknowledge_links import LIFE, LONGEST_TOKEN, Grant, link, open_keys, read
from tests.support.database import NOON, SEALING_KEY

KEYS = KeyRing.given([SEALING_KEY])
ALERT, DELIVERY = UUID(int=1), UUID(int=2)


def made(keys: KeyRing = KEYS) -> str:
    """The token of a link."""
    url = urlsplit(link(keys, "https://watch.example/", alert_id=ALERT, delivery_id=DELIVERY, now=NOON))
    assert (url.netloc, url.path) == ("watch.example", acknowledge_links.PATH)
    (token,) = parse_qs(url.query)["token"]
    return token


def test_a_link_says_which_alert_and_which_delivery() -> None:
    assert read(KEYS, made(), now=NOON) == Grant(ALERT, DELIVERY)
    assert len(made()) <= LONGEST_TOKEN


def test_a_link_ends() -> None:
    assert read(KEYS, made(), now=NOON + LIFE - timedelta(seconds=1)) == Grant(ALERT, DELIVERY)
    with pytest.raises(Gone):
        read(KEYS, made(), now=NOON + LIFE)


@given(place=st.integers(0, 79), other=st.sampled_from("ABCxyz019-_=. \x00é"))
def test_a_changed_link_is_refused(place: int, other: str) -> None:
    token = made()
    changed = token[:place] + other + token[place + 1 :]
    if changed != token:
        with pytest.raises(SignatureRefused):
            read(KEYS, changed, now=NOON)


@pytest.mark.parametrize("token", ["", "x", "..", "A" * 80, "A" * 79, "é" * 80, made() + "AAAA", made()[4:]])
def test_what_is_no_link_is_refused(token: str) -> None:
    with pytest.raises(SignatureRefused):
        read(KEYS, token, now=NOON)


def test_links_of_other_installations_and_other_uses_of_the_key_are_refused() -> None:
    with pytest.raises(SignatureRefused):
        read(KeyRing.given([bytes(32)]), made(), now=NOON)
    whole = base64.urlsafe_b64decode(made())
    assert SEALING_KEY not in whole


def test_a_key_of_the_data_folder_can_be_changed_without_a_break(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    token = made(open_keys(settings))
    rotate(settings.keys_dir / "acknowledge_links.json", keep=2)
    assert read(open_keys(settings), token, now=NOON) == Grant(ALERT, DELIVERY)
    rotate(settings.keys_dir / "acknowledge_links.json", keep=1)
    with pytest.raises(SignatureRefused):
        read(open_keys(settings), token, now=NOON)
