"""A socket before a server, which a test closes for a while: connections break, and new ones are refused."""

import asyncio
import contextlib
from pathlib import Path


class Gate:
    """Forwards a unix socket to another one while it is open."""

    def __init__(self, path: Path, server: Path) -> None:
        self.path = path
        self._server = server
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Let everybody through."""
        self._listener = await asyncio.start_unix_server(self._forward, self.path)

    async def close(self) -> None:
        """Break every connection and take none."""
        if self._listener is not None:
            self._listener.close()
        self.path.unlink(missing_ok=True)
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def outage(self, seconds: float) -> None:
        """Closed for so long."""
        await self.close()
        await asyncio.sleep(seconds)
        await self.open()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._server)
        self._writers |= {writer, back}
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._writers -= {writer, back}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
