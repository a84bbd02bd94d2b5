"""`sightline watch --record DIR`: events as JSON lines, and the best shot of each track."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol

from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import OperatingCurve
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.vision.crops import encode_jpeg, face_crop
from sightline.workers.watch import event_object


class Taker(Protocol):
    """Takes events."""

    def take(self, events: Sequence[TrackEvent]) -> None:
        """Take these events."""
        ...


@contextmanager
def no_recorder() -> Iterator[Taker]:
    """In place of a recorder where nothing shall be kept."""
    yield _Nothing()


class _Nothing:
    def take(self, events: Sequence[TrackEvent]) -> None:
        """Keep nothing."""


class Recorder:
    """Writes what a watch sees into a folder: events.jsonl, and faces/TRACK_ID.jpg with surroundings.

    A context manager. Pictures of people leave memory only here, and only because somebody asked for it.
    """

    def __init__(self, folder: Path, curve: OperatingCurve) -> None:
        self._folder = folder
        self._curve = curve
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / "faces").mkdir(exist_ok=True, mode=0o700)
            self._log = (folder / "events.jsonl").open("a", encoding="utf-8")

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.close()

    def take(self, events: Sequence[TrackEvent]) -> None:
        """Write these events. Raises InvalidInput when the folder cannot be written, a full disk for example."""
        with self._writing():
            for event in events:
                self._write(event)
            self._log.flush()

    def _write(self, event: TrackEvent) -> None:
        if event.best_frame is not None:
            crop = face_crop(event.best_frame.pixels.bgr(), event.box)
            (self._folder / "faces" / f"{event.track_id}.jpg").write_bytes(encode_jpeg(crop))
        if event.kind is not TrackEventKind.UPDATE:
            self._log.write(json.dumps(event_object(event, self._curve), ensure_ascii=False) + "\n")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidInput(
                f"{self._folder} cannot be written: {error.strerror}",
                hint="Give --record a folder that you may write, on a disk with room.",
            ) from error
