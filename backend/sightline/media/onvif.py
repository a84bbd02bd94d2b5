"""Moving cameras over ONVIF: what a camera can do, its presets, and the commands (PTZ service, found by Profile S).

Only what moving needs, over the HTTP client that the product has: libraries for all of ONVIF follow redirects and the
addresses that a camera names, wherever they lead (ADR 45). Of what a camera says about where its services are, only
the path is taken. An answer is hostile until it is read: its size is limited, and it may hold no DTD.
"""

import asyncio
import base64
import hashlib
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sightline.core.errors import ControlRefused, SourceDenied, SourceStalled, SourceUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATH: Final = "/onvif/device_service"
"""Of the device service, at every camera (ONVIF Core Specification, 5.1.1)."""
TIMEOUT: Final = 5.0
"""Seconds for one question."""
LONGEST_ANSWER: Final = 256 * 1024
"""Bytes; the profiles of a camera with many streams have 40,000."""
MOST_PRESETS: Final = 256
LONGEST_REASON: Final = 200
FARTHEST: Final = timedelta(days=365 * 60)
"""That a camera's clock may be off: one that lost its time begins in 1970, all others are no clocks."""

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DIGEST: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
BASE64: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
PTZ: Final = "http://www.onvif.org/ver20/ptz/wsdl"
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
PREFIXES: Final = {"s": SOAP, "wsse": SECURITY, "wsu": UTILITY, "tds": DEVICE, "trt": MEDIA, "tptz": PTZ, "tt": SCHEMA}
"""As ONVIF's documents write them: some cameras look for prefixes instead of namespaces."""
NOT_ALLOWED: Final = frozenset({"NotAuthorized", "FailedAuthentication"})

_HEADERS: Final = {"Content-Type": "application/soap+xml; charset=utf-8", "Accept-Encoding": "identity"}
"""Nothing is unpacked: a small answer could become a large one."""
_PATH_HINT = "Check the port and path of the camera's ONVIF service; some cameras need ONVIF switched on first."

for _prefix, _space in PREFIXES.items():
    register_namespace(_prefix, _space)


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """Where a camera takes commands. url: of its device service, without login; address: the IP address to connect
    to, which url's host was found to stand for; username None: no login."""

    url: str = field(repr=False)
    address: str
    username: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Motion:
    """Speeds from -1 to 1, as shares of the greatest. pan: to the right; tilt: upwards; zoom: nearer."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


@dataclass(frozen=True, slots=True)
class Preset:
    """A view that the camera keeps. token: its name among machines."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Device:
    """A camera that was asked what it can do. ptz_url: of its PTZ service; profile: the token of the media profile
    that moves; clock: by how much its clock is ahead."""

    point: ControlPoint
    ptz_url: str = field(repr=False)
    profile: str
    clock: timedelta
    pan_tilt: bool
    zoom: bool
    home: bool


async def connect(point: ControlPoint) -> Device:
    """Ask a camera for its clock, its services and what it can do.

    Raises SourceUnreachable, SourceStalled, SourceDenied, ControlRefused (also for one that cannot be moved).
    """
    clock = await _clock(point)
    found = await _services(point, clock)
    if PTZ not in found or MEDIA not in found:
        raise ControlRefused("the camera says that it cannot be moved", hint="Leave its control switched off.")
    profiles = await _asked(point, found[MEDIA], Element(f"{{{MEDIA}}}GetProfiles"), clock)
    for profile in profiles.iterfind(f".//{{{MEDIA}}}Profiles"):
        node = profile.findtext(f"{{{SCHEMA}}}PTZConfiguration/{{{SCHEMA}}}NodeToken")
        token = profile.get("token")
        if node and token:
            break
    else:
        raise ControlRefused(
            "no media profile of the camera moves it", hint="Add a PTZ configuration to a profile in the camera."
        )
    question = Element(f"{{{PTZ}}}GetNode")
    SubElement(question, f"{{{PTZ}}}NodeToken").text = node
    said = await _asked(point, found[PTZ], question, clock)
    spaces = f".//{{{SCHEMA}}}SupportedPTZSpaces/{{{SCHEMA}}}"
    return Device(
        point,
        found[PTZ],
        token,
        clock,
        pan_tilt=said.find(f"{spaces}ContinuousPanTiltVelocitySpace") is not None,
        zoom=said.find(f"{spaces}ContinuousZoomVelocitySpace") is not None,
        home=(said.findtext(f".//{{{SCHEMA}}}HomeSupported") or "").strip() in {"true", "1"},
    )


async def move(device: Device, motion: Motion, *, seconds: float) -> None:
    """Move until told otherwise, or until seconds are over, as far as the camera heeds that. Raises as connect()."""
    order = _order(device, "ContinuousMove")
    velocity = SubElement(order, f"{{{PTZ}}}Velocity")
    if device.pan_tilt:
        SubElement(velocity, f"{{{SCHEMA}}}PanTilt", x=f"{motion.pan:.3f}", y=f"{motion.tilt:.3f}")
    if device.zoom:
        SubElement(velocity, f"{{{SCHEMA}}}Zoom", x=f"{motion.zoom:.3f}")
    SubElement(order, f"{{{PTZ}}}Timeout").text = f"PT{ceil(seconds)}S"
    await _command(device, order)


async def stop(device: Device) -> None:
    """Stop moving. Raises as connect()."""
    order = _order(device, "Stop")
    SubElement(order, f"{{{PTZ}}}PanTilt").text = "true"
    SubElement(order, f"{{{PTZ}}}Zoom").text = "true"
    await _command(device, order)


async def presets(device: Device) -> tuple[Preset, ...]:
    """Views that the camera keeps, MOST_PRESETS at most; none where it does not say. Raises as connect()."""
    try:
        said = await _asked(device.point, device.ptz_url, _order(device, "GetPresets"), device.clock)
    except ControlRefused:  # they are optional
        return ()
    found = [
        Preset(token, _plain(one.findtext(f"{{{SCHEMA}}}Name") or "") or token)
        for one in said.iterfind(f".//{{{PTZ}}}Preset")
        if (token := one.get("token"))
    ]
    return tuple(found[:MOST_PRESETS])


async def go_to(device: Device, token: str) -> None:
    """Show a preset's view. Raises as connect()."""
    order = _order(device, "GotoPreset")
    SubElement(order, f"{{{PTZ}}}PresetToken").text = token
    await _command(device, order)


async def go_home(device: Device) -> None:
    """Show the view that the camera calls its home. Raises as connect()."""
    await _command(device, _order(device, "GotoHomePosition"))


def _order(device: Device, name: str) -> Element:
    order = Element(f"{{{PTZ}}}{name}")
    SubElement(order, f"{{{PTZ}}}ProfileToken").text = device.profile
    return order


async def _command(device: Device, order: Element) -> None:
    """Raises as connect(). That it was done is known by the answer's name: some cameras say it in XML that is none."""
    status, text = await _sent(device.point, device.ptz_url, order, device.clock)
    name = order.tag.rpartition("}")[2]
    if not (httpx.codes.is_success(status) and f"{name}Response".encode() in text):
        _body(status, text)


async def _clock(point: ControlPoint) -> timedelta:
    """By how much the camera's clock is ahead: logins carry the time, and old ones are refused. Zero where it does
    not say, which it may refuse to those who are not logged in."""
    try:
        said = await _asked(point, point.url, Element(f"{{{DEVICE}}}GetSystemDateAndTime"), None)
    except (ControlRefused, SourceDenied):
        return timedelta()
    moment = said.find(f".//{{{SCHEMA}}}UTCDateTime")
    if moment is None:
        return timedelta()
    names = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")
    paths = ("/".join(f"{{{SCHEMA}}}{part}" for part in name.split("/")) for name in names)
    try:
        year, month, day, hour, minute, second = (int(moment.findtext(path) or "") for path in paths)
        theirs = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        return timedelta()
    ahead = theirs - datetime.now(UTC)
    return ahead if abs(ahead) < FARTHEST else timedelta()


async def _services(point: ControlPoint, clock: timedelta) -> Mapping[str, str]:
    """Addresses of services by namespace, on the host that was asked."""
    question = Element(f"{{{DEVICE}}}GetServices")
    SubElement(question, f"{{{DEVICE}}}IncludeCapability").text = "false"
    try:
        said = await _asked(point, point.url, question, clock)
    except ControlRefused:  # from before ONVIF 2.0
        return await _capabilities(point, clock)
    return {
        service.findtext(f"{{{DEVICE}}}Namespace") or "": _here(point, service.findtext(f"{{{DEVICE}}}XAddr"))
        for service in said.iterfind(f".//{{{DEVICE}}}Service")
    }


async def _capabilities(point: ControlPoint, clock: timedelta) -> Mapping[str, str]:
    question = Element(f"{{{DEVICE}}}GetCapabilities")
    SubElement(question, f"{{{DEVICE}}}Category").text = "All"
    said = await _asked(point, point.url, question, clock)
    named = {MEDIA: "Media", PTZ: "PTZ"}
    places = {space: said.findtext(f".//{{{SCHEMA}}}{name}/{{{SCHEMA}}}XAddr") for space, name in named.items()}
    return {space: _here(point, place) for space, place in places.items() if place}


def _here(point: ControlPoint, named: str | None) -> str:
    """The path that a camera names, on the server that was asked: whatever host it names is not ours to trust."""
    try:
        theirs = urlsplit((named or "").strip())
    except ValueError:
        theirs = urlsplit("")
    path = theirs.path if theirs.path.startswith("/") else PATH
    return urlunsplit(urlsplit(point.url)._replace(path=path, query=theirs.query))


async def _asked(point: ControlPoint, url: str, question: Element, clock: timedelta | None) -> Element:
    """The body of the answer. clock None: without login."""
    return _body(*await _sent(point, url, question, clock))


async def _sent(point: ControlPoint, url: str, question: Element, clock: timedelta | None) -> tuple[int, bytes]:
    """Status and text of the answer."""
    ours = urlsplit(url)
    try:
        async with (
            asyncio.timeout(TIMEOUT),  # of the whole: an answer may come by a byte every second
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=None, verify=_trust()) as client,  # noqa: S113
        ):
            request = client.build_request(
                "POST",
                httpx.URL(url).copy_with(host=point.address),
                content=_envelope(question, point, clock),
                headers={**_HEADERS, "Host": ours.netloc},
                extensions={"sni_hostname": ours.hostname or ""},
            )
            if point.username is None or clock is None:
                return (await _received(client, request))[:2]
            return await _logged_in(client, request, httpx.DigestAuth(point.username, point.password))
    except TimeoutError as error:
        raise SourceStalled(
            f"the camera's control did not answer within {TIMEOUT:g} s", hint="Check that the camera runs."
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnreachable(
            f"the connection to the camera's control failed ({type(error).__name__})",
            hint="Check the port of ONVIF; with TLS, this machine must trust the camera's certificate.",
        ) from error


async def _logged_in(client: httpx.AsyncClient, request: httpx.Request, login: httpx.DigestAuth) -> tuple[int, bytes]:
    """With HTTP digest where the camera asks for it. Step by step: httpx itself reads the answer that asks for a login
    without a limit, and unpacks it."""
    steps = login.auth_flow(request)
    status, body, answer = await _received(client, next(steps))
    try:
        again = steps.send(answer)
    except StopIteration:
        return status, body
    except (ValueError, KeyError, NotImplementedError) as error:
        raise ControlRefused("the camera asks for a login of a kind that is not understood", hint=_PATH_HINT) from error
    return (await _received(client, again))[:2]


async def _received(client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, bytes, httpx.Response]:
    answer = await client.send(request, stream=True)
    try:
        return answer.status_code, await _bounded(answer.aiter_raw()), answer
    finally:
        await answer.aclose()


@cache
def _trust() -> ssl.SSLContext:
    """Reading the machine's certificates takes longer than asking a camera."""
    return ssl.create_default_context()


async def _bounded(parts: "AsyncIterator[bytes]") -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > LONGEST_ANSWER:
            raise ControlRefused("the camera's answer has no end", hint=_PATH_HINT)
    return bytes(body)


def _body(status: int, text: bytes) -> Element:
    """Of an answer, read. Raises SourceDenied, ControlRefused."""
    if status == HTTPStatus.UNAUTHORIZED:
        raise _denied()
    if httpx.codes.is_redirect(status):
        raise ControlRefused("the camera's control is elsewhere", hint="Redirects are not followed. " + _PATH_HINT)
    try:
        whole: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ControlRefused(f"what answers there ({status}) does not speak ONVIF", hint=_PATH_HINT) from error
    body = whole.find(f"{{{SOAP}}}Body")
    if body is None:
        raise ControlRefused(f"what answers there ({status}) does not speak ONVIF", hint=_PATH_HINT)
    fault = body.find(f"{{{SOAP}}}Fault")
    if fault is None and httpx.codes.is_success(status):
        return body
    codes = {(one.text or "").rpartition(":")[2].strip() for one in body.iter(f"{{{SOAP}}}Value")}
    if codes & NOT_ALLOWED:
        raise _denied()
    reason = _plain(body.findtext(f".//{{{SOAP}}}Reason/{{{SOAP}}}Text") or "")
    raise ControlRefused(
        f"the camera refused: {reason or f'status {status}'}",
        hint="See whether the camera allows this account to move it.",
    )


def _denied() -> SourceDenied:
    return SourceDenied(
        "the camera's control refused user or password",
        hint="ONVIF often has users of its own: make one in the camera with the login that is kept here.",
    )


def _plain(text: str) -> str:
    """What a camera wrote, in one short line."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:LONGEST_REASON]


def _envelope(content: Element, point: ControlPoint, clock: timedelta | None) -> bytes:
    envelope = Element(f"{{{SOAP}}}Envelope")
    if point.username is not None and clock is not None:
        _sign(SubElement(envelope, f"{{{SOAP}}}Header"), point.username, point.password, datetime.now(UTC) + clock)
    SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    text: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return text


def _sign(header: Element, username: str, password: str, now: datetime) -> None:
    """Name and digest (Web Services Security UsernameToken Profile 1.1, 3.1), which asks for SHA-1."""
    nonce, created = os.urandom(16), f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    security = SubElement(header, f"{{{SECURITY}}}Security", {f"{{{SOAP}}}mustUnderstand": "true"})
    token = SubElement(security, f"{{{SECURITY}}}UsernameToken")
    SubElement(token, f"{{{SECURITY}}}Username").text = username
    SubElement(token, f"{{{SECURITY}}}Password", Type=DIGEST).text = base64.b64encode(digest).decode()
    SubElement(token, f"{{{SECURITY}}}Nonce", EncodingType=BASE64).text = base64.b64encode(nonce).decode()
    SubElement(token, f"{{{UTILITY}}}Created").text = created
