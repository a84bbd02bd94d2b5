"""Parties outside of the house that are told of alerts: a web server that fails, stalls and lies, a mail server that
refuses, and a real MQTT broker."""

import asyncio
import getpass
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port

Behave = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class WebReceiver:
    """Keeps what it is sent. answers: what the next requests get, then 204: a status line with headers, or a
    behaviour."""

    url: str = ""
    answers: list[str | Behave] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def header(self, name: str, index: int = -1) -> str | None:
        """Of one request."""
        lines = self.heads[index].split("\r\n")
        return next((line.partition(":")[2].strip() for line in lines if line.lower().startswith(name + ":")), None)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            self.bodies.append(await reader.readexactly(int(self.header("content-length") or 0)))
            answer = self.answers.pop(0) if self.answers else "204 No Content"
            if isinstance(answer, str):
                writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # who sends may hang up
        finally:
            writer.close()


async def stalls(writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing."""
    while not writer.is_closing():
        await asyncio.sleep(0.05)
        writer.write(b"")
        await asyncio.sleep(5)


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    """Says nothing, and goes."""
    writer.close()


async def never_ends(writer: asyncio.StreamWriter) -> None:
    """Says yes, and then more and more."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def web_receiver() -> AsyncIterator[WebReceiver]:
    """On a port of this machine."""
    receiver = WebReceiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", free_port())
    receiver.url = f"http://localhost:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()


@dataclass
class MailServer:
    """Keeps mails. refusals: reply per recipient; delay: seconds before it takes a mail."""

    port: int = 0
    refusals: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    mails: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay)
        content = envelope.content or b""
        self.mails.append(message_from_bytes(content if isinstance(content, bytes) else content.encode()))
        self.recipients.append([str(one) for one in envelope.rcpt_tos])
        return "250 taken"


@asynccontextmanager
async def mail_server(context: ssl.SSLContext | None = None) -> AsyncIterator[MailServer]:
    """On a port of this machine; with STARTTLS where it has a certificate."""
    kept, loop = MailServer(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(kept, loop=loop, tls_context=context, require_starttls=context is not None),
        "127.0.0.1",
        free_port(),
    )
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()


@asynccontextmanager
async def mqtt_broker(folder: Path, *settings: str) -> AsyncIterator[int]:
    """Debian's mosquitto on a port of this machine; its port. settings: lines of its configuration."""
    port = free_port()
    place = folder / "mosquitto.conf"
    ours = f"user {getpass.getuser()}"  # as root it would become a user who may not read our folder
    lines = [f"listener {port} 127.0.0.1", ours, "persistence false", *(settings or ("allow_anonymous true",))]
    place.write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(["mosquitto", "-c", place], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await _listening(port)
        yield port
    finally:
        process.terminate()
        process.wait()


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise AssertionError("mosquitto did not start")
