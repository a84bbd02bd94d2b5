"""`sightline watch`: name the people that a camera, stream or file shows."""

import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sightline.commands.support import open_pack, print_failed, progress
from sightline.core.config import Settings, load_settings
from sightline.core.errors import InvalidInput

if TYPE_CHECKING:
    from sightline.commands.watch_views import View
    from sightline.domain.gallery import Gallery
    from sightline.media.sources import Transport
    from sightline.vision.loading import Models
    from sightline.workers.watch import Watch

REFRESH_SECONDS = 0.5


def watch(
    source: Annotated[
        str, typer.Argument(help="A file, or rtsp:// rtsps:// http(s):// (HLS, MPEG-TS) udp:// rtp:// rtmp:// srt://.")
    ],
    gallery: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the people to name: NAME/*.jpg, or NAME-1.jpg, NAME-2.jpg … Without it nobody is."
        ),
    ] = None,
    fmr: Annotated[
        float | None,
        typer.Option(help="False-match rate of one comparison; the similarity follows from the pack.", min=0, max=1),
    ] = None,
    min_similarity: Annotated[
        float | None, typer.Option(help="An explicit similarity instead of a rate.", min=-1, max=1)
    ] = None,
    pack: Annotated[str | None, typer.Option(help="Model pack; see `sightline models list`.")] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Detector score below which a face is ignored, instead of the pack's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per event, then the summary.")] = False,
    record: Annotated[
        Path | None, typer.Option(help="Folder for events.jsonl and the best picture of each track.")
    ] = None,
    transport: Annotated[str, typer.Option(help="What carries RTSP: tcp or udp.")] = "tcp",
    sample_rate: Annotated[
        float | None, typer.Option(help="Frames per second that are analysed.", min=0.1, max=60)
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Stop after so many seconds.", min=0.1)] = None,
    regions: Annotated[
        Path | None,
        typer.Option(
            help='JSON file with polygons in fractions of the picture: {"interest": [[[x, y], …]], "privacy": …}.'
        ),
    ] = None,
    motion_gate: Annotated[
        bool, typer.Option("--motion-gate/--no-motion-gate", help="Skip detection while nothing moves.")
    ] = True,
    wait: Annotated[bool, typer.Option("--wait", help="Keep trying a source that does not answer at first.")] = False,
) -> None:
    """Name the people that a camera, stream or file shows, with the error rate of each match.

    A live source that fails is tried again for ever; Ctrl-C ends with a summary. A file is read as fast as it
    can be analysed. With --json every line is an object with "event": "track" (a new face is confirmed), "match"
    (it is named, or its similarity improved) or "end"; the last line holds "summary".
    """
    from sightline.commands.watch_views import JsonView, TerminalView  # noqa: PLC0415 - loads the tracker
    from sightline.media.sources import parse_source  # noqa: PLC0415 - loads PyAV
    from sightline.services.regions import read_regions  # noqa: PLC0415
    from sightline.services.thresholds import choose_threshold  # noqa: PLC0415
    from sightline.workers.recorder import Recorder, no_recorder  # noqa: PLC0415
    from sightline.workers.watch import Watch, WatchRequest, fan_out, require_source  # noqa: PLC0415

    settings = _with_options(load_settings(), fmr=fmr, min_similarity=min_similarity, sample_rate=sample_rate)
    request = WatchRequest(
        source=parse_source(source),
        regions=read_regions(regions),
        transport=parse_transport(transport),
        seconds=seconds,
        motion_gate=motion_gate,
        wait=wait,
    )
    require_source(request, settings)
    _, models = open_pack(pack, min_score=min_score)
    rules = settings.recognition
    threshold = choose_threshold(models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)
    people = _people(gallery, models, threshold.min_similarity)
    with Recorder(record, models.curve) if record else no_recorder() as recorder:
        subjects = len(set(people.subjects))
        view: View = (
            JsonView(models.curve)
            if as_json
            else TerminalView(request.source.redacted, threshold, subjects, len(people), models.curve)
        )
        listen = fan_out(view.take, recorder.take)
        _run(Watch(request, models, people, threshold, settings, on_events=listen), view)


def _with_options(
    settings: Settings, *, fmr: float | None, min_similarity: float | None, sample_rate: float | None
) -> Settings:
    """The settings with what the command line says instead; a rate there beats a similarity that is set."""
    recognition: dict[str, float | None] = {}
    if fmr is not None:
        recognition = {"fmr": fmr, "min_similarity": None}
    if min_similarity is not None:
        recognition["min_similarity"] = min_similarity
    capture = {} if sample_rate is None else {"sample_rate": sample_rate}
    return settings.model_copy(
        update={
            "recognition": settings.recognition.model_copy(update=recognition),
            "capture": settings.capture.model_copy(update=capture),
        }
    )


def parse_transport(name: str) -> "Transport":
    """tcp or udp. Raises InvalidInput for anything else."""
    from sightline.media.sources import Transport  # noqa: PLC0415

    try:
        return Transport(name)
    except ValueError as error:
        raise InvalidInput(f"{name!r} is no transport", hint="Give --transport tcp or --transport udp.") from error


def _people(folder: Path | None, models: "Models", similar_from: float) -> "Gallery":
    """The gallery of a folder; what it left out is said on standard error."""
    from sightline.domain.gallery import Gallery  # noqa: PLC0415
    from sightline.services.enrolment import load_gallery  # noqa: PLC0415

    if folder is None:
        return Gallery.empty(models.embedder.model_version)
    with progress("enrolling") as on_progress:
        loaded = load_gallery(folder, models, similar_from=similar_from, on_progress=on_progress)
    console = Console(stderr=True, highlight=False)
    print_failed(console, loaded.refused, "pictures that were not enrolled")
    if loaded.missing:
        console.print(
            f"nobody can be told as: {', '.join(loaded.missing)} (no usable picture)", markup=False, soft_wrap=True
        )
    for pair in loaded.similar:
        console.print(
            f"{pair.first} and {pair.second} look like one person (similarity {pair.similarity:.3f})",
            markup=False,
            soft_wrap=True,
        )
    return loaded.gallery


def _run(watching: "Watch", view: "View") -> None:
    """Watch until the end; Ctrl-C and SIGTERM end it with a summary as well."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        watching.stop()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    finished = threading.Event()
    refresher = threading.Thread(target=_refresh, args=(watching, view, finished), daemon=True)
    refresher.start()
    began = time.monotonic()
    summary = None
    try:
        watching.run()
        summary = watching.summary(time.monotonic() - began)
    finally:
        finished.set()
        refresher.join()
        view.close(summary)
        for number, handler in before.items():
            signal.signal(number, handler)


def _refresh(watching: "Watch", view: "View", finished: threading.Event) -> None:
    while not finished.wait(REFRESH_SECONDS):
        view.refresh(watching.status())
