"""Each kind of channel against a party that takes what that kind is: what it is given, and what its answers mean."""

import asyncio
import base64
import json
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID

import aiomqtt
import pytest
import pytest_asyncio
from apprise.plugins.fcm import NotifyFCM
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID
from pydantic import TypeAdapter, ValidationError

from sightline.core.config import SmtpSettings
from sightline.core.errors import AddressRefused, DeliveryFailed, DeliveryRefused
from sightline.core.outbound import OutboundPolicy
from sightline.schemas.channels import AnyChannel, ChannelIn
from sightline.services import mail_sender, vendor_sender, web_push_sender
from sightline.services.notification_message import Browser, Notification, Place, Receipt, Senders
from sightline.services.notification_senders import send
from sightline.services.notification_texts import Facts, of_alert
from tests.support.receivers import WebReceiver, hangs_up, mail_server, mqtt_broker, web_receiver

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID = UUID("01900000-0000-7000-8000-000000000001")
CAMERA = UUID("01900000-0000-7000-8000-0000000000ca")
LINK, ACKNOWLEDGE = "https://house.example/alerts/1", "https://house.example/a?token=x"
POLICY = OutboundPolicy((ip_network("127.0.0.0/8"), ip_network("::1/128")), 2.0)
SENDERS = Senders(SmtpSettings(), POLICY, ec.generate_private_key(ec.SECP256R1()))
ALERT = Notification(
    ID, "alert.raised", NOW, "Match at <!channel> Gate", "Camera: Gate\nTime: noon", {"alert_id": "1"},
    link=LINK, acknowledge_link=ACKNOWLEDGE, place=Place(CAMERA, "Gate"), severity="high",
)  # fmt: skip


def _channel(**given: Any) -> AnyChannel:
    return TypeAdapter(ChannelIn).validate_python({"name": "n", **given})


async def _send(channel: AnyChannel, senders: Senders = SENDERS, **changes: Any) -> Receipt:
    return await send(senders, channel, replace(ALERT, **changes), now=NOW)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[WebReceiver]:
    async with web_receiver() as opened:
        yield opened


@pytest.mark.asyncio
async def test_slack_gets_buttons_and_nobody_is_pinged_by_a_cameras_name(receiver: WebReceiver) -> None:
    await _send(_channel(kind="slack", url=f"{receiver.url}/services/T/B/X"))
    body = json.loads(receiver.bodies[0])
    assert "<!channel>" not in body["text"]
    assert [one["url"] for one in body["blocks"][2]["elements"]] == [LINK, ACKNOWLEDGE]
    assert body["blocks"][0]["text"]["type"] == "plain_text"


@pytest.mark.asyncio
async def test_teams_gets_an_adaptive_card(receiver: WebReceiver) -> None:
    await _send(_channel(kind="teams", url=f"{receiver.url}/workflows/x"), title="[x](http://evil.example)")
    (attachment,) = json.loads(receiver.bodies[0])["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["body"][0]["text"] == "\\[x\\]\\(http://evil.example\\)"
    assert [one["url"] for one in attachment["content"]["actions"]] == [LINK, ACKNOWLEDGE]


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["slack", "teams"])
async def test_addresses_of_chats_obey_the_policy(receiver: WebReceiver, kind: str) -> None:
    senders = replace(SENDERS, policy=OutboundPolicy())
    with pytest.raises(AddressRefused):
        await _send(_channel(kind=kind, url=receiver.url), senders)
    assert receiver.bodies == []


VENDORS: dict[str, dict[str, Any]] = {
    "sms": {
        "account_sid": "AC" + "0" * 32, "auth_token": "0123456789abcdef0123456789abcdef",
        "sender": "+15017122661", "recipients": ["+491701234567"],
    },
    "telegram": {"bot_token": "123456789:" + "a" * 35, "recipients": ["-1001234567890"]},
    "push": {"topics": ["guards"]},
}  # fmt: skip


def _service_account() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return json.dumps(
        {
            "type": "service_account", "project_id": "house", "private_key": pem, "private_key_id": "k",
            "client_email": "s@house.example", "token_uri": "https://oauth2.googleapis.com/token",
        }
    )  # fmt: skip


@pytest.fixture
def vendors(receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> WebReceiver:
    """The vendors' hosts, on this machine."""
    monkeypatch.setattr(NotifyTwilio, "notify_sms_url", receiver.url + "/twilio/{sid}/Messages.json")
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"{receiver.url}/bot")
    monkeypatch.setattr(NotifyFCM, "notify_oauth2_url", receiver.url + "/{project}/messages:send")
    monkeypatch.setattr(NotifyFCM, "access_token", "token-of-a-test")
    return receiver


def _vendor(kind: str) -> AnyChannel:
    secret = {"service_account": _service_account()} if kind == "push" else {}
    return _channel(kind=kind, **VENDORS[kind], **secret)


def _ok(kind: str) -> str:
    return "201 Created" if kind == "sms" else "200 OK"


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", VENDORS)
async def test_vendors_are_told_and_their_answers_understood(
    vendors: WebReceiver, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = _vendor(kind)
    vendors.answers = [_ok(kind)]
    receipt = await _send(channel)
    assert receipt.detail == "told 1 recipients"
    said = vendors.bodies[0].decode()
    assert "noon" in said
    assert ("house.example" in said) is True
    vendors.answers = ["400 Bad", "429 Slow", "500 Broken", hangs_up, "302 Found\r\nLocation: http://127.0.0.1:1/"]
    with pytest.raises(DeliveryRefused, match="answered 400"):
        await _send(channel)
    with pytest.raises(DeliveryFailed) as slow:
        await _send(channel)
    assert slow.value.retry_after == vendor_sender.SLOW_DOWN_SECONDS
    with pytest.raises(DeliveryFailed, match="answered 500"):
        await _send(channel)
    with pytest.raises(DeliveryFailed, match="not reached"):
        await _send(channel)
    with pytest.raises(DeliveryFailed, match="answered 302"):
        await _send(channel)
    assert not logging.getLogger("apprise").propagate  # what pytest sees of it goes nowhere else
    assert not any(one.levelno < logging.WARNING for one in caplog.records if one.name == "apprise")
    for secret in ("+491701234567", "0123456789abcdef", "a" * 35, "token-of-a-test", "1001234567890"):
        assert not any(secret in one.getMessage() for one in caplog.records if one.name != "apprise")
        assert secret not in repr(channel) or secret in str(VENDORS[kind].get("recipients"))


@pytest.mark.asyncio
async def test_who_was_reached_before_is_not_told_again(vendors: WebReceiver) -> None:
    channel = _channel(kind="sms", **{**VENDORS["sms"], "recipients": ["+491701234567", "+491701234568"]})
    vendors.answers = ["201 Created", "500 Broken"]
    receipt = await _send(channel)
    assert (receipt.remaining, len(receipt.reached)) == (1, 1)
    vendors.answers = ["201 Created"]
    again = await send(SENDERS, channel, ALERT, now=NOW, reached=frozenset(receipt.reached))
    assert (again.remaining, len(vendors.bodies)) == (0, 3)
    assert b"To=%2B491701234568" in vendors.bodies[2]


def test_a_service_account_fetches_tokens_from_google_only() -> None:
    for change in ({"token_uri": "http://169.254.169.254/token"}, {"type": "user"}, {"private_key": 1}):
        account = json.dumps({**json.loads(_service_account()), **change})
        with pytest.raises(ValidationError):
            _channel(kind="push", topics=["guards"], service_account=account)


@pytest.mark.asyncio
async def test_browsers_are_told_what_only_they_can_read(receiver: WebReceiver) -> None:
    key, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    browsers = tuple(
        Browser(UUID(int=number), f"{receiver.url}/push/{number}", key.public_key(), auth) for number in (1, 2, 3)
    )
    receiver.answers = ["201 Created", "410 Gone", "500 Broken"]
    channel = _channel(kind="web_push", roles=["operator"])
    receipt = await send(SENDERS, channel, ALERT, now=NOW, browsers=browsers)
    assert (receipt.reached, receipt.gone, receipt.remaining) == ((str(UUID(int=1)),), (UUID(int=2),), 1)
    assert b"Gate" not in receiver.bodies[0]
    told = json.loads(_decrypted(receiver.bodies[0], key, auth))
    assert (told["id"], told["link"], told["title"]) == (str(ID), LINK, ALERT.title)
    assert (receiver.header("content-encoding"), receiver.header("ttl")) == ("aes128gcm", "14400")
    token = (receiver.header("authorization") or "").removeprefix("vapid t=").partition(",")[0]
    head, claims, signature = token.split(".")
    assert json.loads(_bytes(claims))["aud"] == receiver.url
    whole = _bytes(signature)
    der = encode_dss_signature(int.from_bytes(whole[:32]), int.from_bytes(whole[32:]))
    assert SENDERS.push_key is not None
    SENDERS.push_key.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def test_the_example_of_rfc_8291() -> None:
    """Appendix A."""
    number = int.from_bytes(_bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    own = ec.derive_private_key(number, ec.SECP256R1())
    point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(point))
    browser = Browser(UUID(int=1), "https://push.example", theirs, _bytes("BTBZMqHH6r4Tts7J_aSIgg"))
    whole = web_push_sender.encrypted(
        b"When I grow up, I want to be a watermelon", browser, own=own, salt=_bytes("DGv6ra1nlYgDCS1FRnbzlw")
    )
    assert base64.urlsafe_b64encode(whole).rstrip(b"=").decode() == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _decrypted(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """As a browser does (RFC 8291, 3.4)."""

    def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)

    def point(public: ec.EllipticCurvePublicKey) -> bytes:
        return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)

    salt, sender = body[:16], body[21:86]
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    info = b"WebPush: info\0" + point(key.public_key()) + sender
    material = derived(key.exchange(ec.ECDH(), theirs), auth, info, 32)
    content = derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(material, salt, b"Content-Encoding: nonce\0", 12)
    return AESGCM(content).decrypt(nonce, body[86:], None).removesuffix(b"\x02")


def _certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate of this name, signed by itself; its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.crt", folder / f"{name}.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@pytest.mark.asyncio
async def test_a_broker_and_home_assistant_are_told(tmp_path: Path) -> None:
    async with mqtt_broker(tmp_path) as port:
        channel = _channel(kind="mqtt", host="localhost", port=port, tls=False, include_pictures=True)
        await _send(channel, picture=b"jpeg")
        kept: dict[str, bytes] = {}
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("#")
            async with asyncio.timeout(5):
                async for message in client.messages:
                    kept[str(message.topic)] = bytes(message.payload)
                    if len(kept) == 5:
                        break
    base, key = f"sightline/cameras/{CAMERA}", f"sightline_{CAMERA.hex}"
    assert kept[f"{base}/picture"] == b"jpeg"
    last = json.loads(kept[f"{base}/last_alert"])
    assert (last["id"], last["event_type"]) == (str(ID), "high")
    assert "picture" not in last
    sensor = json.loads(kept[f"homeassistant/sensor/{key}/alert/config"])
    assert (sensor["state_topic"], sensor["availability_topic"]) == (f"{base}/last_alert", "sightline/status")
    assert sensor["device"]["name"] == "Gate"
    assert {f"homeassistant/{one}/{key}/alert/config" for one in ("event", "image")} <= set(kept)


@pytest.mark.asyncio
async def test_a_broker_behind_tls_and_a_password(tmp_path: Path) -> None:
    public, private = _certificate(tmp_path)
    passwords = tmp_path / "passwords"
    process = await asyncio.create_subprocess_exec(
        "mosquitto_passwd", "-b", "-c", passwords, "house", "secret", stderr=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    async with mqtt_broker(
        tmp_path, f"certfile {public}", f"keyfile {private}", f"password_file {passwords}", "allow_anonymous false"
    ) as port:
        given = {"kind": "mqtt", "host": "localhost", "port": port, "ca": public.read_text()}
        assert (await _send(_channel(**given, username="house", password="secret"))).detail.startswith(
            "the broker took"
        )
        with pytest.raises(DeliveryFailed, match="refuses the connection"):
            await _send(_channel(**given, username="house", password="wrong"))
        with pytest.raises(DeliveryFailed, match="was not reached"):
            await _send(_channel(**{**given, "ca": None}))
        with pytest.raises(DeliveryFailed, match="was not reached"):  # the certificate is another name's
            await _send(_channel(**{**given, "host": "127.0.0.1"}, username="house", password="secret"))
        with pytest.raises(AddressRefused):
            await _send(_channel(**given), replace(SENDERS, policy=OutboundPolicy()))
    with pytest.raises(DeliveryFailed, match="was not reached"):
        await _send(_channel(**given))


@pytest.mark.asyncio
async def test_mail_goes_over_tls_with_a_picture_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public, private = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    channel = _channel(kind="email", recipients=["guard@example.org"])
    async with mail_server(context) as server:
        senders = replace(SENDERS, smtp=SmtpSettings(host="localhost", port=server.port, security="starttls"))
        await _send(channel, senders, picture=b"jpeg")
        monkeypatch.setenv("SSL_CERT_FILE", str(_certificate(tmp_path, "elsewhere.example")[0]))
        with pytest.raises(DeliveryFailed, match="did not take it"):
            await _send(channel, senders)
        server.refusals = {"guard@example.org": "550 no such user"}
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        with pytest.raises(DeliveryRefused, match="550"):
            await _send(channel, senders)
    (mail,) = server.mails
    types = [part.get_content_type() for part in mail.walk()]
    assert types == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/jpeg"]
    image = list(mail.walk())[-1]
    assert (image["Content-ID"], image.get_payload(decode=True)) == (f"<{ID}>", b"jpeg")


def test_a_title_makes_no_header_and_markup_no_element() -> None:
    mail = mail_sender.mail(replace(ALERT, title="a\r\nBcc: x@example.org", text="<script>"), "s@example.org")
    assert mail["Bcc"] is None
    assert b"<script>" not in bytes(mail.get_payload()[1])  # type: ignore[index, arg-type]


FACTS = Facts("1", "Gate $rule", "high", "VIP", "", NOW, 0, LINK, ACKNOWLEDGE)


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({}, "Match at Gate $rule (high)"),
        ({"language": "de", "time_zone": "Europe/Berlin"}, "Treffer an Gate $rule (hoch)"),
        ({"title_template": "$severity ${camera}$$"}, "high Gate $rule$"),
    ],
)
def test_titles(given: dict[str, Any], title: str) -> None:
    assert of_alert(_channel(kind="email", recipients=["a@example.org"], **given), FACTS).title == title


def test_time_is_the_channels() -> None:
    channel = _channel(kind="email", recipients=["a@example.org"], time_zone="Asia/Tokyo", text_template="$time")
    assert of_alert(channel, FACTS).text == "2026-11-22 21:00:00 JST"
    escalated = of_alert(_channel(kind="email", recipients=["a@example.org"]), replace(FACTS, level=2))
    assert escalated.title.startswith("Not acknowledged (step 2): ")


@pytest.mark.parametrize("template", ["$person", "${camera", "100 $", "$camera.__class__ $nobody", ""])
def test_templates_say_only_what_is_known(template: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _channel(kind="email", recipients=["a@example.org"], text_template=template)
    if "$person" in template:
        assert "$camera, $severity" in str(caught.value)
