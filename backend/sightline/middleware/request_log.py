"""One id and one line of the log per request, without its query, body or cookies; and the last net for errors."""

import json
import logging
import re
import time
from datetime import UTC, datetime
from typing import Final

import uuid_utils.compat as uuid_utils
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.middleware.problems import unexpected_response

HEADER: Final = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What a proxy in front may hand in; anything else is replaced, because it ends up in the log."""
FIELDS = ("request_id", "method", "path", "status", "ms", "user_id", "address")

log = logging.getLogger("sightline.api")


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Known fields only: nothing gets in by accident."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: int = logging.INFO) -> None:
    """Send everything to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def request_id_of(scope: Scope) -> str:
    """The id that RequestLog gave."""
    return str(scope.get("state", {}).get("request_id", ""))


class RequestLog:
    """Pure ASGI, so that streams pass through unbuffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        try:
            await self.app(scope, receive, exchange.send)
        except Exception:  # the one broad net of the API: logged with its traceback, answered by 500
            log.exception("unexpected error", extra=exchange.fields())
            if exchange.status is None:
                await unexpected_response(exchange.request_id)(scope, receive, exchange.send)
        finally:
            exchange.finish()


class _Exchange:
    """One request on its way."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get(HEADER, "")
        self.request_id = given if GIVEN_ID.fullmatch(given) else str(uuid_utils.uuid7())
        self.status: int | None = None
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        scope.setdefault("state", {})["request_id"] = self.request_id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.request_id
        await self._send(message)

    def fields(self) -> dict[str, object]:
        client = self._scope.get("client")
        return {
            "request_id": self.request_id,
            "method": self._scope["method"],
            "path": self._scope["path"],
            "status": self.status,
            "ms": round((time.perf_counter() - self._began) * 1000, 1),
            "user_id": self._scope["state"].get("user_id"),
            "address": client[0] if client else None,
        }

    def finish(self) -> None:
        quiet = self._scope["path"] in {"/healthz", "/readyz"} and self.status == 200
        log.log(logging.DEBUG if quiet else logging.INFO, "request", extra=self.fields())
