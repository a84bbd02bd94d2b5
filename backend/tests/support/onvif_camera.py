"""A camera that takes commands by ONVIF, in so far as moving needs it: no video, and its position is a number.

It is strict where real ones are (logins with digest, nonce and a time that is not old, in SOAP 1.2) and can be as odd
as real ones: with a clock that is wrong, an address of its services that nobody reaches, HTTP digest instead of
WS-Security, without GetServices, or heedless of the time after which a movement ends.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import parse_http_list, parse_keqv_list
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from sightline.media.onvif import DEVICE, MEDIA, PATH, PTZ, SCHEMA, SECURITY, SOAP, UTILITY

LOGIN = ("mover", "of-the-camera")
FRESH = timedelta(seconds=5)
"""Older logins are refused."""
ELSEWHERE = "http://192.0.2.77:9"
"""What the camera believes to be its address."""
HEAD = f'xmlns:s="{SOAP}" xmlns:tds="{DEVICE}" xmlns:trt="{MEDIA}" xmlns:tptz="{PTZ}" xmlns:tt="{SCHEMA}"'
REALM, NONCE = "camera", "0123456789abcdef"


@dataclass
class Oddities:
    """What is different from a camera of the book."""

    clock: timedelta = timedelta()
    http_digest: bool = False
    before_get_services: bool = False
    heeds_timeout: bool = True
    without_zoom: bool = False
    without_ptz: bool = False
    loses_answers: bool = False
    """Does what it is told, and hangs up."""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """Given as they are, instead of what the next requests should get."""


@dataclass
class OnvifCamera:
    """Where it is, what it was told, and where it looks. orders: names of the commands that were obeyed."""

    port: int = 0
    login: tuple[str, str] = LOGIN
    odd: Oddities = field(default_factory=Oddities)
    orders: list[str] = field(default_factory=list)
    logins: set[str] = field(default_factory=set)
    """Digests that were used: none serves twice."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    position: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """Pan, tilt, zoom."""
    speed: tuple[float, float, float] = (0.0, 0.0, 0.0)
    since: float = 0.0
    until: float = 0.0

    def is_moving(self) -> bool:
        with self.lock:
            self._advance()
            return any(self.speed)

    def looks(self) -> tuple[float, float, float]:
        """Pan, tilt and zoom at this moment."""
        with self.lock:
            self._advance()
            pan, tilt, zoom = self.position
        return pan, tilt, zoom

    def move(self, speed: tuple[float, float, float], seconds: float) -> None:
        with self.lock:
            self._advance()
            self.speed, self.since = speed, time.monotonic()
            self.until = self.since + (seconds if self.odd.heeds_timeout else float("inf"))

    def go(self, *position: float) -> None:
        with self.lock:
            self.speed, self.position = (0.0, 0.0, 0.0), list(position)

    def _advance(self) -> None:
        now = time.monotonic()
        lasted = min(now, self.until) - self.since
        self.position = [at + speed * max(lasted, 0.0) for at, speed in zip(self.position, self.speed, strict=True)]
        if now >= self.until:
            self.speed = (0.0, 0.0, 0.0)
        self.since = now

    def answer(self, path: str, head: Element | None, order: Element) -> tuple[int, str]:
        """Status and body of a request that came whole."""
        name = order.tag.rpartition("}")[2]
        if name == "GetSystemDateAndTime" and path == PATH:
            return 200, self._time()
        if not self.odd.http_digest and (why := self._refused(head)):
            return 400, _fault("ter:NotAuthorized", why)
        known: dict[tuple[str, str], Callable[[], tuple[int, str]]] = {
            (PATH, "GetServices"): self._services,
            (PATH, "GetCapabilities"): self._capabilities,
            ("/onvif/media_service", "GetProfiles"): self._profiles,
            ("/onvif/ptz_service", "GetNode"): self._node,
            ("/onvif/ptz_service", "GetPresets"): self._presets,
            ("/onvif/ptz_service", "ContinuousMove"): lambda: self._moved(order),
            ("/onvif/ptz_service", "Stop"): lambda: self._stopped(order),
            ("/onvif/ptz_service", "GotoPreset"): lambda: self._shown(order),
            ("/onvif/ptz_service", "GotoHomePosition"): lambda: self._home(order),
        }
        made = known.get((path, name))
        if made is None or (name == "GetServices" and self.odd.before_get_services):
            return 400, _fault("ter:ActionNotSupported", "Optional Action Not Implemented")
        if "ProfileToken" in "".join(child.tag for child in order) and _text(order, PTZ, "ProfileToken") != "main":
            return 400, _fault("ter:NoProfile", "No such profile")
        return made()

    def _refused(self, head: Element | None) -> str:
        token = None if head is None else head.find(f"{{{SECURITY}}}Security/{{{SECURITY}}}UsernameToken")
        if token is None:
            return "Sender not Authorized"
        created, nonce = _text(token, UTILITY, "Created"), base64.b64decode(_text(token, SECURITY, "Nonce"))
        wanted = base64.b64encode(
            hashlib.sha1(nonce + created.encode() + self.login[1].encode(), usedforsecurity=False).digest()
        ).decode()
        given = _text(token, SECURITY, "Password")
        moment = datetime.fromisoformat(created)
        if _text(token, SECURITY, "Username") != self.login[0] or given != wanted or given in self.logins:
            return "Sender not Authorized"
        if abs(moment - (datetime.now(UTC) + self.odd.clock)) > FRESH:
            return "Time of the login is not now"
        self.logins.add(given)
        return ""

    def _time(self) -> str:
        now = datetime.now(UTC) + self.odd.clock
        return _body(
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _services(self) -> tuple[int, str]:
        known = [(DEVICE, PATH), (MEDIA, "/onvif/media_service")]
        known += [] if self.odd.without_ptz else [(PTZ, "/onvif/ptz_service")]
        listed = "".join(
            f"<tds:Service><tds:Namespace>{space}</tds:Namespace><tds:XAddr>{ELSEWHERE}{path}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
            for space, path in known
        )
        return 200, _body(f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>")

    def _capabilities(self) -> tuple[int, str]:
        return 200, _body(
            "<tds:GetCapabilitiesResponse><tds:Capabilities>"
            f"<tt:Media><tt:XAddr>{ELSEWHERE}/onvif/media_service</tt:XAddr><tt:StreamingCapabilities/></tt:Media>"
            f"<tt:PTZ><tt:XAddr>{ELSEWHERE}/onvif/ptz_service</tt:XAddr></tt:PTZ>"
            "</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _profiles(self) -> tuple[int, str]:
        return 200, _body(
            '<trt:GetProfilesResponse><trt:Profiles token="still" fixed="true"><tt:Name>Still</tt:Name></trt:Profiles>'
            '<trt:Profiles token="main" fixed="true"><tt:Name>Main</tt:Name><tt:PTZConfiguration token="ptz">'
            "<tt:Name>PTZ</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node</tt:NodeToken>"
            "</tt:PTZConfiguration></trt:Profiles></trt:GetProfilesResponse>"
        )

    def _node(self) -> tuple[int, str]:
        space = "<tt:URI>http://www.onvif.org/ver10/tptz/{0}/VelocityGenericSpace</tt:URI>"
        span = "<tt:{0}Range><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:{0}Range>"
        zoom = "" if self.odd.without_zoom else (
            f"<tt:ContinuousZoomVelocitySpace>{space.format('ZoomSpaces')}{span.format('X')}"
            "</tt:ContinuousZoomVelocitySpace>"
        )  # fmt: skip
        return 200, _body(
            '<tptz:GetNodeResponse><tptz:PTZNode token="node"><tt:Name>Node</tt:Name><tt:SupportedPTZSpaces>'
            f"<tt:ContinuousPanTiltVelocitySpace>{space.format('PanTiltSpaces')}{span.format('X')}{span.format('Y')}"
            f"</tt:ContinuousPanTiltVelocitySpace>{zoom}</tt:SupportedPTZSpaces>"
            "<tt:MaximumNumberOfPresets>8</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported>"
            "</tptz:PTZNode></tptz:GetNodeResponse>"
        )

    def _presets(self) -> tuple[int, str]:
        return 200, _body(
            '<tptz:GetPresetsResponse><tptz:Preset token="1"><tt:Name>Gate</tt:Name></tptz:Preset>'
            '<tptz:Preset token="2"/></tptz:GetPresetsResponse>'
        )

    def _moved(self, order: Element) -> tuple[int, str]:
        pan_tilt = order.find(f"{{{PTZ}}}Velocity/{{{SCHEMA}}}PanTilt")
        zoom = order.find(f"{{{PTZ}}}Velocity/{{{SCHEMA}}}Zoom")
        if zoom is not None and self.odd.without_zoom:
            return 400, _fault("ter:SpaceNotSupported", "Space not supported")
        speeds = [] if pan_tilt is None else [pan_tilt.get("x"), pan_tilt.get("y")]
        speeds += [zoom.get("x") if zoom is not None else "0"]
        pan, tilt, near = (float(speed or "nan") for speed in speeds)
        if not all(abs(speed) <= 1 for speed in (pan, tilt, near)):
            return 400, _fault("ter:InvalidVelocity", "Invalid velocity")
        seconds = float(_text(order, PTZ, "Timeout").removeprefix("PT").removesuffix("S"))
        self.move((pan, tilt, near), seconds)
        return self._done(order)

    def _stopped(self, order: Element) -> tuple[int, str]:
        self.move((0.0, 0.0, 0.0), 0.0)
        return self._done(order)

    def _shown(self, order: Element) -> tuple[int, str]:
        if _text(order, PTZ, "PresetToken") not in {"1", "2"}:
            return 400, _fault("ter:NoToken", "The requested preset token does not exist")
        self.go(0.5, -0.25, 1.0)
        return self._done(order)

    def _home(self, order: Element) -> tuple[int, str]:
        self.go(0.0, 0.0, 0.0)
        return self._done(order)

    def _done(self, order: Element) -> tuple[int, str]:
        name = order.tag.rpartition("}")[2]
        self.orders.append(name)
        return 200, _body(f"<tptz:{name}Response/>")


@contextmanager
def onvif_camera(odd: Oddities | None = None, login: tuple[str, str] = LOGIN) -> Iterator[OnvifCamera]:
    """On a port of this machine. GET /position says where it looks, for tests that are no Python."""
    camera = OnvifCamera(odd=odd or Oddities(), login=login)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pan, tilt, zoom = camera.looks()
            told = {"pan": pan, "tilt": tilt, "zoom": zoom, "is_moving": camera.is_moving(), "orders": camera.orders}
            self._say(200 if self.path == "/position" else 404, json.dumps(told).encode())

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"]))
            if camera.odd.answers:
                status, content = camera.odd.answers.pop(0)
                self._say(status, content)
                return
            needs_login = camera.odd.http_digest and b"GetSystemDateAndTime" not in text
            if needs_login and not _digest_is_right(self.headers.get("Authorization", ""), self.path):
                self._say(401, b"", f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth", algorithm=MD5')
                return
            whole = fromstring(text)
            body = whole.find(f"{{{SOAP}}}Body")
            assert body is not None
            assert self.headers["Content-Type"].startswith("application/soap+xml")
            status, answer = camera.answer(self.path, whole.find(f"{{{SOAP}}}Header"), body[0])
            if camera.odd.loses_answers:
                self.close_connection = True
                return
            self._say(status, answer.encode())

        def _say(self, status: int, content: bytes, challenge: str = "") -> None:
            self.send_response(status)
            if challenge:
                self.send_header("WWW-Authenticate", challenge)
            if 300 <= status < 400:
                self.send_header("Location", "http://192.0.2.1/secret")
            self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests say what matters."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        camera.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield camera
        finally:
            server.shutdown()
            thread.join()


def _digest_is_right(header: str, path: str) -> bool:
    """RFC 7616 with MD5 and qop auth, as cameras have it."""
    kind, _, rest = header.partition(" ")
    if kind.lower() != "digest":
        return False
    given = parse_keqv_list(parse_http_list(rest))
    first = _md5(f"{LOGIN[0]}:{REALM}:{LOGIN[1]}")
    second = _md5(f"POST:{path}")
    wanted = _md5(f"{first}:{NONCE}:{given['nc']}:{given['cnonce']}:auth:{second}")
    return given["username"] == LOGIN[0] and given["response"] == wanted


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _text(element: Element, space: str, name: str) -> str:
    return element.findtext(f"{{{space}}}{name}") or ""


def _body(content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {HEAD}><s:Body>{content}</s:Body></s:Envelope>'


def _fault(code: str, reason: str) -> str:
    return _body(
        '<s:Fault xmlns:ter="http://www.onvif.org/ver10/error"><s:Code><s:Value>s:Sender</s:Value><s:Subcode>'
        f'<s:Value>{code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason>'
        "</s:Fault>"
    )
