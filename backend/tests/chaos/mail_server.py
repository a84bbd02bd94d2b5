"""A mail server in a process of its own, so that it can be killed: notes the delivery of every mail that it took.

python -m tests.chaos.mail_server PORT FILE
"""

import asyncio
import os
import re
import sys
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session

DELIVERY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Id of the delivery, in the Message-ID of our mails."""


class Noting:
    """Takes every mail; what it says "250" to is on disk."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        found = DELIVERY.search(str(message_from_bytes(envelope.original_content or b"")["Message-ID"]))
        with self._file.open("a", encoding="ascii") as notes:
            notes.write(f"{found.group() if found else 'unknown'}\n")
            notes.flush()
            os.fsync(notes.fileno())
        return "250 OK"


async def _serve(port: int, file: Path) -> None:
    controller = UnthreadedController(Noting(file), hostname="127.0.0.1", port=port, loop=asyncio.get_running_loop())
    controller.server = await controller._create_server()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
