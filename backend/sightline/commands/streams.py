"""`sightline streams`: what travels between workers, and what was set aside because nobody could work on it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated, TypeVar

import typer
from redis.asyncio import Redis
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.bus import inspection
from sightline.bus.inspection import PoisonMessage, StreamState
from sightline.commands.database_access import in_transaction, reachable
from sightline.commands.support import Json, print_json
from sightline.core.config import Settings, load_settings
from sightline.core.errors import InvalidInput
from sightline.core.redis import open_redis
from sightline.services import audit

Result = TypeVar("Result")

streams_app = typer.Typer(
    help="Streams between workers: how full they are, and messages that were set aside.", no_args_is_help=True
)

Stream = Annotated[str, typer.Argument(help="faces:detected, or camera:<id>:frames.")]
MessageId = Annotated[str | None, typer.Argument(help="Id of one message, as `show` gives it.")]
All = Annotated[bool, typer.Option("--all", help="All messages that were set aside of this stream.")]
Purpose = Annotated[str, typer.Option(help="Why, for the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@streams_app.callback()
def of_streams() -> None:
    """Frames and faces on their way, where the system runs split."""


@streams_app.command("list")
def list_streams(as_json: AsJson = False) -> None:
    """Streams with their length, readers, oldest message, and what was dropped or set aside."""
    states = _on_redis(_settings(), inspection.streams)
    if as_json:
        print_json([_state_json(state) for state in states])
        return
    table = Table("stream", "length", "groups", "waiting", "pending", "oldest", "dropped", "poison", box=None)
    for state in states:
        table.add_row(*map(escape, _row(state)))
    Console(highlight=False).print(table if states else "no streams: nothing runs split, or nothing came yet")


@streams_app.command()
def show(stream: Stream, message_id: MessageId = None, purpose: Purpose = "", as_json: AsJson = False) -> None:
    """Messages that were set aside, with their reasons. Pictures and what else shows people stay out: sizes instead."""
    settings = _settings()
    messages = _on_redis(settings, partial(_chosen, stream=stream, message_id=message_id))
    _record(settings, "VIEW", stream, messages, purpose)
    if as_json:
        print_json([_message_json(message) for message in messages])
        return
    console = Console(highlight=False)
    for message in messages:
        console.print(f"{message.id}  {_clean(message.notes.get('reason', ''))}", markup=False, soft_wrap=True)
        for name, text in {**message.notes, **message.shown}.items():
            if name != "reason":
                console.print(f"    {_clean(name)}: {_clean(text)}", markup=False, soft_wrap=True)
    if not messages:
        console.print(f"nothing was set aside of {stream}", markup=False)


@streams_app.command()
def replay(stream: Stream, message_id: MessageId = None, everything: All = False, purpose: Purpose = "") -> None:
    """Put messages back on their stream: each once, as if it came now. For after the cause is mended."""
    _change("STREAM_REPLAY", inspection.replay, "put back", _wanted(stream, message_id, everything), purpose)


@streams_app.command()
def drop(stream: Stream, message_id: MessageId = None, everything: All = False, purpose: Purpose = "") -> None:
    """Delete messages that were set aside. They go by themselves after seven days."""
    _change("STREAM_DROP", inspection.drop, "deleted", _wanted(stream, message_id, everything), purpose)


def _wanted(stream: str, message_id: str | None, everything: bool) -> tuple[str, str | None]:
    if (message_id is None) != everything:
        raise InvalidInput("name one message, or all of them", hint="Give an id as `show` has it, or --all.")
    return stream, message_id


def _change(
    action: str,
    change: Callable[[Redis, Sequence[PoisonMessage]], Awaitable[int]],
    done: str,
    wanted: tuple[str, str | None],
    purpose: str,
) -> None:
    settings = _settings()
    stream, message_id = wanted
    messages = _on_redis(settings, partial(_chosen, stream=stream, message_id=message_id))
    _record(settings, action, stream, messages, purpose)
    typer.echo(f"{_on_redis(settings, lambda client: change(client, messages))} messages {done}")


def _record(settings: Settings, action: str, stream: str, messages: Sequence[PoisonMessage], purpose: str) -> None:
    """Record it before it happens: these messages show people."""
    if not messages:
        return
    details: dict[str, object] = {"stream": stream, "messages": [message.id for message in messages]}
    details |= {"purpose": purpose} if purpose else {}

    async def work(session: AsyncSession) -> None:
        await audit.record_event(session, action=action, table_name="streams", record_id=stream, details=details)

    in_transaction(work, settings=settings)


def _settings() -> Settings:
    """Those of the running `sightline up` where no server is named."""
    settings = load_settings()
    if settings.redis.url is not None:
        return reachable(settings)
    from sightline.workers.embedded.machine import running_settings  # noqa: PLC0415 - loads the servers' code

    return running_settings(settings)


def _on_redis(settings: Settings, work: Callable[[Redis], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        client = open_redis(settings.redis)
        try:
            return await work(client)
        finally:
            await client.aclose()

    return asyncio.run(run())


async def _chosen(client: Redis, stream: str, message_id: str | None) -> list[PoisonMessage]:
    return await inspection.poison(client, stream, message_id)


def _row(state: StreamState) -> list[str]:
    def each(name: str) -> str:
        return " ".join(str(getattr(group, name)) for group in state.groups) or "-"

    age = "-" if state.oldest is None else str(timedelta(seconds=round(state.oldest)))
    groups = " ".join(f"{_clean(group.name)}({group.members})" for group in state.groups) or "-"
    counts = [str(state.dropped), str(state.poison)]
    return [state.name, str(state.length), groups, each("waiting"), each("pending"), age, *counts]


def _state_json(state: StreamState) -> dict[str, Json]:
    return {
        "stream": state.name,
        "length": state.length,
        "groups": [
            {"name": group.name, "members": group.members, "waiting": group.waiting, "pending": group.pending}
            for group in state.groups
        ],
        "oldest_seconds": None if state.oldest is None else round(state.oldest, 3),
        "dropped": state.dropped,
        "poison": state.poison,
    }


def _message_json(message: PoisonMessage) -> dict[str, Json]:
    return {"stream": message.stream, "message_id": message.id, **message.notes, "fields": message.shown}


def _clean(text: str) -> str:
    """Without what a terminal would obey: messages come from anywhere."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
