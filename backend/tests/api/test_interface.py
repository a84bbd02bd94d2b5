"""The files of the web interface: what is served, how long it may be kept, and what stays the API's."""

import gzip
from pathlib import Path

import httpx
import pytest

from sightline.api import interface

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a build leaves, on a small scale."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><div id=root></div>")
    (tmp_path / "assets" / "main-x1.js").write_text("console.log('ready');" * 20)
    (tmp_path / "icon-192.png").write_bytes(b"\x89PNG")
    (tmp_path.parent / "secret.json").write_text("{}")
    monkeypatch.setattr(interface, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path", ["/", "/login", "/cameras/0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11", "/settings/retention"]
)
async def test_every_page_of_the_interface_is_its_index(client: httpx.AsyncClient, built: Path, path: str) -> None:
    answer = await client.get(path, headers=PAGE)
    assert (answer.status_code, answer.text) == (200, (built / "index.html").read_text())
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["permissions-policy"].startswith("camera=(self)")


@pytest.mark.asyncio
async def test_scripts_are_packed_and_kept_for_good(client: httpx.AsyncClient, built: Path) -> None:
    script = (built / "assets" / "main-x1.js").read_bytes()
    for accepted, encoding in (("gzip", "gzip"), ("identity", None)):
        answer = await client.get("/assets/main-x1.js", headers={"Accept-Encoding": accepted})
        assert (answer.content, answer.headers.get("content-encoding")) == (script, encoding)
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["vary"] == "Accept-Encoding"
    packed = interface._file(built, "assets/main-x1.js", interface._changed(built))
    assert packed is not None
    assert packed.packed is not None
    assert gzip.decompress(packed.packed) == script


@pytest.mark.asyncio
async def test_a_new_build_is_served_without_a_restart(client: httpx.AsyncClient, built: Path) -> None:
    assert (await client.get("/assets/main-x2.js")).status_code == 404
    (built / "assets" / "main-x2.js").write_text("two")
    (built / "index.html").write_text("<!doctype html>two")
    assert (await client.get("/assets/main-x2.js")).text == "two"
    assert (await client.get("/", headers=PAGE)).text.endswith("two")


@pytest.mark.asyncio
async def test_an_unknown_page_says_so_in_the_interface_and_to_programs_as_a_problem(
    client: httpx.AsyncClient, built: Path
) -> None:
    shown = await client.get("/no-such-page", headers=PAGE)
    assert (shown.status_code, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    told = await client.get("/no-such-page", headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (404, "not_found")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path", ["/v1/no-such-route", "/v1/nothing.js", "/assets/../../secret.json", "/%2e%2e/secret.json"]
)
async def test_nothing_else_is_given_out(client: httpx.AsyncClient, built: Path, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.asyncio
async def test_only_reading_leads_to_pages(client: httpx.AsyncClient, built: Path) -> None:
    assert (await client.post("/cameras", headers=PAGE)).status_code == 404
    assert (await client.head("/cameras", headers=PAGE)).status_code == 200


@pytest.mark.asyncio
async def test_without_a_build_the_page_says_what_to_do(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interface, "FOLDER", tmp_path / "nothing")
    answer = await client.get("/", headers=PAGE)
    assert answer.status_code == 503
    assert "make setup" in answer.text
