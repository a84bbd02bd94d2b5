"""`sightline up`: everything on one machine, with no configuration."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sightline.commands.worker import cores
from sightline.core.config import Settings, load_settings
from sightline.services.users import Account
from sightline.workers.embedded.children import ChildSpec, CommandChild, answers, sightline_child
from sightline.workers.embedded.data_folder import DataFolder
from sightline.workers.embedded.machine import child_environment, prepare, start_servers
from sightline.workers.embedded.packs import activate_pack, provide_pack
from sightline.workers.embedded.ports import listen, require_free
from sightline.workers.embedded.supervisor import Supervisor

REPLICAS = 2
"""Of each kind of worker with --split: the least with which one takes over from another, as in a cluster."""


def children(settings: Settings, listener: int, *, is_split: bool = False) -> list[ChildSpec]:
    """The programs that run beside the servers, in the order in which they start.

    listener: file descriptor of the socket where the API serves. It is ours, so that nobody is refused while the API
    starts anew: they wait. is_split: capture, detect and recognise apart, as in a cluster.
    """
    env = child_environment(settings)
    return [
        sightline_child(
            "api",
            "api",
            "--listener",
            str(listener),
            env=env,
            ready_probe=answers(settings.api.host, settings.api.port),
            inherited=(listener,),
        ),
        *(sightline_child(name, "worker", *words, env=env) for name, words in working(cores(), is_split=is_split)),
    ]


def working(number: int, *, is_split: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Who works on so many cores: names, and what follows `sightline worker`."""
    if is_split:
        counts = {"ingestion": REPLICAS, "detection": max(number, REPLICAS), "recognition": REPLICAS}
        counts |= {"alert-engine": REPLICAS, "maintenance": REPLICAS}
        return [(f"{kind}-{index}", (kind,)) for kind, count in counts.items() for index in range(count)]
    shares = [("--index", str(index), "--count", str(number)) for index in range(number)]
    analysing = [(f"recognition-{share[1]}", ("fused", *share)) for share in shares]
    return [*analysing, ("alert-engine", ("alert-engine",)), ("maintenance", ("maintenance",))]


def up(
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept.", show_default="per user")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535, show_default="8000")] = None,
    split: Annotated[
        bool, typer.Option("--split", help="Capture, detect and recognise in processes apart, as a cluster does.")
    ] = False,
) -> None:
    """Run database, queue, API, recognition and maintenance until Ctrl-C; servers of your own are used where named."""
    run_machine(with_options(load_settings(), data_dir=data_dir, host=host, port=port), Extra(is_split=split))


def _nothing(settings: Settings) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Extra:
    """What the demo adds: programs before ours start, work before they do, and words once all are ready.

    is_split: capture, detect and recognise apart.
    """

    children: tuple[ChildSpec, ...] = ()
    before: Callable[[Settings], None] = _nothing
    ready: Callable[[Settings], None] = _nothing
    is_split: bool = False


def run_machine(settings: Settings, extra: Extra | None = None) -> None:
    """Start all in order, watch them, stop them in reverse order. Main thread only.

    Raises DataFolderUnusable, DataFolderHeld, PortTaken, PackNotInstalled, ServiceUnavailable and what the
    database says.
    """
    console, chosen = Console(highlight=False), extra or Extra()
    with DataFolder(settings.data_dir) as folder:
        require_free(settings.api.host, settings.api.port)
        pack = provide_pack(settings)
        with Supervisor(lambda name, event: _report(console, name, event)) as supervisor:
            addressed = start_servers(supervisor, settings, folder)
            prepared = asyncio.run(prepare(addressed, folder))
            if prepared.first_admin:
                _show_admin(console, prepared.first_admin)
            asyncio.run(activate_pack(prepared.settings, pack))
            chosen.before(prepared.settings)
            supervisor.check_stop()
            with listen(settings.api.host, settings.api.port) as listener:
                run = partial(children, is_split=True) if chosen.is_split else children
                specs = (*chosen.children, *run(prepared.settings, listener.fileno()))
                supervisor.start(*(CommandChild(spec, folder.logs) for spec in specs))
                url, logs = settings.api.url, folder.logs
                console.print(f"[bold]sightline[/] is ready: {url}   (Ctrl-C stops it; logs in {logs})")
                chosen.ready(prepared.settings)
                supervisor.run()


def with_options(settings: Settings, *, data_dir: Path | None, host: str | None, port: int | None) -> Settings:
    """The settings with what the command line says in place of what the environment says."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    chosen = (data_dir or settings.data_dir).expanduser().resolve()
    return settings.model_copy(update={"data_dir": chosen, "api": settings.api.model_copy(update=given)})


def _report(console: Console, name: str, event: str) -> None:
    console.print(f"[dim]{name:<12}[/]{event}", soft_wrap=True)


def _show_admin(console: Console, account: Account) -> None:
    console.print()
    console.print("[bold]The first account was made; this is the only time its password is shown:[/]")
    console.print(f"    user      {account.username}", markup=False)
    console.print(f"    password  {account.password}", markup=False)
    console.print()
