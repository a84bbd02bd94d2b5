"""What `sightline watch` shows: JSON lines for programs, lines of text or a live table for people."""

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sightline.domain.operating_points import OperatingCurve, fmr_key
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.media.supervisor import SupervisorStatus
from sightline.services.thresholds import Threshold
from sightline.workers.watch import event_object

ROWS = 15
"""Tracks that the live table shows, the newest first."""


class View(Protocol):
    """Shows a watch while it runs, and its summary."""

    def take(self, events: Sequence[TrackEvent]) -> None:
        """Show what happened."""
        ...

    def refresh(self, status: SupervisorStatus) -> None:
        """Show how the source is; called about twice a second."""
        ...

    def close(self, summary: Mapping[str, Any] | None) -> None:
        """Show the summary, None where there is none."""
        ...


class JsonView:
    """One JSON object per line on standard output, the last one holds the summary."""

    def __init__(self, curve: OperatingCurve) -> None:
        self._curve = curve

    def take(self, events: Sequence[TrackEvent]) -> None:
        """Print each event."""
        for event in events:
            if event.kind is not TrackEventKind.UPDATE:
                self._print(event_object(event, self._curve))

    def refresh(self, status: SupervisorStatus) -> None:
        """Nothing: a program reads events."""

    def close(self, summary: Mapping[str, Any] | None) -> None:
        """Print the summary."""
        if summary is not None:
            self._print({"summary": summary})

    @staticmethod
    def _print(value: Mapping[str, Any]) -> None:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()


class TerminalView:
    """A live table in a terminal, one line per event where standard output is no terminal."""

    def __init__(self, source: str, threshold: Threshold, subjects: int, templates: int, curve: OperatingCurve) -> None:
        self._console = Console(highlight=False)
        self._source = source
        self._rate = rate_line(threshold, subjects, templates)
        self._curve = curve
        self._tracks: dict[UUID, TrackEvent] = {}
        self._status: SupervisorStatus | None = None
        self._lock = threading.Lock()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        if self._console.is_terminal:
            self._live.start()
        else:
            self._console.print(f"{source}\n{self._rate}", markup=False, soft_wrap=True)

    def take(self, events: Sequence[TrackEvent]) -> None:
        """Show what happened."""
        for event in events:
            self._keep(event)
            if event.kind is not TrackEventKind.UPDATE and not self._console.is_terminal:
                self._console.print(event_line(event), markup=False, soft_wrap=True)
        self._draw()

    def refresh(self, status: SupervisorStatus) -> None:
        """Show how the source is."""
        self._status = status
        self._draw()

    def close(self, summary: Mapping[str, Any] | None) -> None:
        """Leave the table and print the summary."""
        self._live.stop()
        if self._console.is_terminal:
            self._console.print(self._table())
        if summary is not None:
            for line in summary_lines(summary):
                self._console.print(line, markup=False, soft_wrap=True)

    def _keep(self, event: TrackEvent) -> None:
        with self._lock:
            self._tracks.pop(event.track_id, None)
            self._tracks[event.track_id] = event
            while len(self._tracks) > ROWS:
                del self._tracks[next(iter(self._tracks))]

    def _draw(self) -> None:
        if self._live.is_started:
            self._live.update(Group(self._heading(), self._table()), refresh=True)

    def _heading(self) -> Text:
        status = self._status
        state = f"{status.state.value}, {status.reconnects} reconnects, {status.dropped} dropped" if status else "…"
        failure = status.last_failure.error.message if status and status.last_failure else ""
        return Text("\n".join(line for line in (f"{self._source}  {state}", self._rate, failure) if line))

    def _table(self) -> Table:
        table = Table(
            "seen", "name", "similarity", "false-match rate", "quality", "track", box=None, header_style="dim"
        )
        with self._lock:
            shown = list(reversed(self._tracks.values()))
        for event in shown:
            style = "dim" if event.kind is TrackEventKind.END else ""
            table.add_row(*(Text(cell) for cell in _cells(event)), style=style)
        return table


def rate_line(threshold: Threshold, subjects: int, templates: int) -> str:
    """The operating point in words: what a match is and how often it is wrong."""
    fmr = "not measured for this pack" if threshold.fmr is None else f"{threshold.fmr:.1e} per comparison"
    fpir = threshold.fpir(templates)
    against = "" if fpir is None else f", {fpir:.1e} per unknown face against these templates"
    people = f"{subjects} people, {templates} templates" if templates else "no gallery, so nobody is named"
    return f"match from similarity {threshold.min_similarity:.3f}; false-match rate {fmr}{against}; {people}"


def event_line(event: TrackEvent) -> str:
    """An event as one line of text."""
    seen, name, similarity, rate, quality, track = _cells(event)
    return f"{seen:>15}  {event.kind.value:<5}  {name}  similarity {similarity}  FMR {rate}  quality {quality}  {track}"


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary in words."""
    matches = ", ".join(f"{name} ({count})" for name, count in summary["matches"].items()) or "nobody"
    read = (
        f"{summary['frames']} frames, {summary['analysed_frames']} analysed, {summary['dropped_frames']} dropped, "
        f"{summary['reconnects']} reconnects in {summary['seconds']:.1f} s"
    )
    lines = [f"{summary['tracks']} tracks, of these {matches} named", read]
    if summary["truncated"]:
        lines.append("the file ends before its stated duration: it is cut off")
    failures = [event for event in summary["events"] if event["kind"] == "failed"]
    return [*lines, *(f"{event['time']}  failed: {event['reason']}" for event in failures)]


def _cells(event: TrackEvent) -> tuple[str, ...]:
    match = event.match
    return (
        f"{event.first_seen:.1f}-{event.last_seen:.1f} s",
        match.subject or "unknown",
        "-" if match.similarity is None else f"{match.similarity:.3f}",
        "-" if match.subject is None else _rate(match.false_match_rate),
        "-" if event.quality is None else f"{event.quality.score:.2f}",
        str(event.track_id),
    )


def _rate(rate: float | None) -> str:
    return "not measured" if rate is None else fmr_key(float(f"{rate:.1g}"))
