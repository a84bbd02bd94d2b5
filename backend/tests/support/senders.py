"""Senders of live streams for tests: the bundled ffmpeg program, web servers and a TLS door, all on this machine."""

import functools
import http.server
import select
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import imageio_ffmpeg

LONGEST = "60"  # seconds after which a sender ends by itself, should the test not end it
LISTENING = "0A"  # state in /proc/net/tcp


@contextmanager
def sending(clip: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Send a clip in real time, over and over, without transcoding."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(clip)]
    sender = subprocess.Popen([*command, "-c", "copy", "-t", LONGEST, *arguments], stdin=subprocess.DEVNULL)
    try:
        yield sender
    finally:
        sender.kill()
        sender.wait()


def wait_until(true: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for something to become true; AssertionError that says what did not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(0.05)


def wait_listening(port: int) -> None:
    """Wait until somebody listens on a TCP port, without connecting: some senders serve one client only."""
    wanted = f":{port:04X}"

    def listens() -> bool:
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        return any(row[1].endswith(wanted) and row[3] == LISTENING for row in rows)

    wait_until(listens, f"a listener on port {port}")


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP; gives the address."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def tls_door(port: int, folder: Path) -> Iterator[int]:
    """A TLS listener before a plain TCP server, with a certificate of its own as cameras have; gives its port."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=camera"]
    command += ["-addext", "subjectAltName=DNS:camera.example"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_let_in, args=(context, listener, port), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])


def _let_in(context: ssl.SSLContext, listener: socket.socket, port: int) -> None:
    """Serve one client after the other, until the listener is closed."""
    while listener.fileno() >= 0:
        with suppress(OSError):  # somebody hung up, or does not like the certificate
            plain, _ = listener.accept()
            plain.settimeout(20)
            outside = context.wrap_socket(plain, server_side=True)
            with outside, socket.create_connection(("127.0.0.1", port)) as inside:
                while _pass_on(outside, inside):
                    pass


def _pass_on(outside: ssl.SSLSocket, inside: socket.socket) -> bool:
    """Copy what came on either side, in one thread: OpenSSL does not read and write a connection at once."""
    ready = [outside] if outside.pending() else select.select([outside, inside], [], [], 20)[0]
    for read in ready:
        data = read.recv(65536)
        if not data:
            return False
        (inside if read is outside else outside).sendall(data)
    return bool(ready)
