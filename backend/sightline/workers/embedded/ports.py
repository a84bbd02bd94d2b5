"""Where we listen: whether we could, asked before anything starts, and the socket itself."""

import errno
import socket

import psutil

from sightline.core.errors import PortTaken, ServiceUnavailable

BACKLOG = 2048
"""Connections that wait to be taken, uvicorn's own number; the kernel may hold fewer (somaxconn)."""


def require_free(host: str, port: int) -> None:
    """Give nothing where we could listen there. Raises PortTaken (with who listens), ServiceUnavailable."""
    listen(host, port).close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there: close it. Raises PortTaken (with who listens), ServiceUnavailable.

    Whoever connects waits in the kernel until a process takes the connection. So a program that inherits the socket
    may die and be started again without anybody being refused.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ServiceUnavailable(f"{host} is no address of this machine", hint="try --host 127.0.0.1") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _translated(error, host, port) from error
    return listener


def _translated(error: OSError, host: str, port: int) -> ServiceUnavailable:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"port {port} on {host} is taken{_listener(port)}",
            hint=f"stop that program, or choose another: --port {port + 1}",
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return ServiceUnavailable(
            f"this user may not listen on port {port}",
            hint="ports below 1024 need rights; choose one above, --port 8000",
        )
    return ServiceUnavailable(f"cannot listen on {host}:{port}: {error.strerror}", hint="try --host 127.0.0.1")


def _listener(port: int) -> str:
    try:
        found = {
            entry.pid
            for entry in psutil.net_connections("tcp")
            if entry.status == psutil.CONN_LISTEN and entry.laddr and entry.laddr.port == port and entry.pid
        }
        return "".join(f" by {psutil.Process(pid).name()} (process {pid})" for pid in sorted(found)[:1])
    except psutil.Error:  # another user's program: its name is not ours to see
        return ""
