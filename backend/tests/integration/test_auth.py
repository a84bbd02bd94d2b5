"""Logging in, renewing, logging out, and who is refused: as a program does it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from tests.factories import PASSWORD, UserBody
from tests.integration.served import Client, Served, answered, refusal


def _tokens(served: Served, username: str, password: str = PASSWORD, **more: str) -> dict[str, Any]:
    body = {"username": username, "password": password, **more}
    return answered(served.client().post("/v1/auth/login", json=body), 200)


def _hired(admin: Client, **changes: Any) -> dict[str, Any]:
    """The body of a new account."""
    body = UserBody.new(**changes)
    admin.make("/v1/users", body)
    return body


def test_a_day_of_a_program_login_renewal_logout(served: Served, admin: Client) -> None:
    account = _hired(admin)
    first = _tokens(served, account["email"])
    client = served.client(first["access_token"])
    me = client.read("/v1/auth/me")
    assert (me["username"], me["role"]) == (account["username"], "operator")
    renewed = answered(client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}), 200)
    assert renewed["session_id"] == first["session_id"]
    assert renewed["refresh_token"] != first["refresh_token"]
    later = served.client(renewed["access_token"])
    assert later.post("/v1/auth/logout").status_code == 204
    for ended in (client, later):
        assert refusal(ended.get("/v1/auth/me")) == (401, "unauthenticated")
    spent = served.client().post("/v1/auth/refresh", json={"refresh_token": renewed["refresh_token"]})
    assert spent.status_code == 401


def test_wrong_credentials_tell_nothing(served: Served, admin: Client) -> None:
    account = _hired(admin)
    stranger = served.client()
    answers = [
        stranger.post("/v1/auth/login", json={"username": name, "password": "another fine long phrase"})
        for name in (account["username"], "nobody-of-this-name")
    ]
    assert {refusal(answer) for answer in answers} == {(401, "login_refused")}
    known, unknown = ({**answer.json(), "request_id": ""} for answer in answers)
    assert known == unknown


def test_who_guesses_on_waits_and_the_right_password_waits_too(served: Served, admin: Client) -> None:
    account = _hired(admin)
    stranger = served.client()
    for guess in range(4):
        answer = stranger.post("/v1/auth/login", json={"username": account["username"], "password": f"guess {guess}"})
        assert answer.status_code == 401
    locked = stranger.post("/v1/auth/login", json={"username": account["username"], "password": PASSWORD})
    assert refusal(locked) == (429, "too_many_attempts")
    assert int(locked.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("token", ["x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "slk_made-up"])
def test_made_up_tokens_are_nobodys(served: Served, token: str) -> None:
    answer = served.client().get("/v1/cameras", headers={"Authorization": f"Bearer {token}"})
    assert refusal(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_machine_has_a_key_that_opens_one_door(served: Served, admin: Client) -> None:
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = admin.make("/v1/api-keys", {"name": "display", "scopes": ["read_cameras"], "expires_at": expires})
    display = served.client(made["key"])
    display.read("/v1/cameras")
    assert refusal(display.get("/v1/subjects")) == (403, "forbidden")
    assert "key" not in admin.read(f"/v1/api-keys/{made['id']}")
    assert admin.delete(f"/v1/api-keys/{made['id']}").status_code == 204
    assert refusal(display.get("/v1/cameras")) == (401, "unauthenticated")


def test_a_lost_telephone_is_logged_out_from_the_desk(served: Served, admin: Client) -> None:
    account = _hired(admin, role="viewer")
    telephone, desk = (served.log_in(account["username"]) for _ in range(2))
    sessions = desk.read("/v1/auth/sessions")["items"]
    (other,) = [one["id"] for one in sessions if not one["current"]]
    assert desk.delete(f"/v1/auth/sessions/{other}").status_code == 204
    assert telephone.get("/v1/auth/me").status_code == 401
    assert desk.get("/v1/auth/me").status_code == 200


def test_a_second_factor_is_asked_for_once_it_is_set_up(served: Served, admin: Client) -> None:
    account = _hired(admin)
    client = served.log_in(account["username"])
    offered = client.make("/v1/auth/second-factor", {"password": PASSWORD})
    codes = pyotp.TOTP(offered["secret"])
    answered(client.post("/v1/auth/second-factor/confirm", json={"code": codes.now()}), 200)
    body = {"username": account["username"], "password": PASSWORD}
    assert refusal(served.client().post("/v1/auth/login", json=body)) == (401, "second_factor_required")
    next_one = codes.at(datetime.now(UTC) + timedelta(seconds=30))  # each code is good for one use
    assert _tokens(served, account["username"], otp=next_one)["access_token"]


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(served: Served, admin: Client) -> None:
    account = _hired(admin)
    here, elsewhere = (served.log_in(account["username"]) for _ in range(2))
    address = f"/v1/users/{here.read('/v1/auth/me')['user_id']}/change-password"
    new = "nine quiet herons by the weir"
    wrong = here.post(address, json={"old_password": "not that one at all", "new_password": new})
    assert wrong.status_code == 403
    common = here.post(address, json={"old_password": PASSWORD, "new_password": "password1234"})
    assert common.status_code in {403, 422}
    assert here.post(address, json={"old_password": PASSWORD, "new_password": new}).status_code == 204
    assert elsewhere.get("/v1/auth/me").status_code == 401
    assert _tokens(served, account["username"], new)["access_token"]


def test_who_leaves_is_out_at_once(served: Served, admin: Client) -> None:
    account = _hired(admin)
    client = served.log_in(account["username"])
    found = admin.get(f"/v1/users/{client.read('/v1/auth/me')['user_id']}")
    change = {"role": "operator", "email": account["email"], "is_active": False}
    admin.put(found.url.path, json=change, headers={"If-Match": found.headers["ETag"]}).raise_for_status()
    assert client.get("/v1/auth/me").status_code == 401
    body = {"username": account["username"], "password": PASSWORD}
    assert refusal(served.client().post("/v1/auth/login", json=body)) == (401, "login_refused")
