"""`sightline bench pipeline`: how fast the fused pipeline is, and how much of that its parts would allow.

The cameras are spread over as many processes as there are cores, as in production. After a warm-up every
process counts for the same number of seconds. CPU time is that of whole processes, so it holds everything:
threads of the decoder, of the analysis, and the interpreter.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import psutil

from sightline.core.config import Settings
from sightline.core.errors import MediaError
from sightline.domain.gallery import Gallery
from sightline.domain.tracks import TrackEvent
from sightline.media.capture import CaptureOptions, probe
from sightline.media.sources import Source, Transport
from sightline.media.supervisor import CameraState
from sightline.pipeline.chain import Pipeline
from sightline.pipeline.detect import RuleBook
from sightline.services.thresholds import Threshold
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from sightline.workers.bench_parts import Parts, measure_parts
from sightline.workers.camera_plan import CameraPlan
from sightline.workers.fused import FusedWorker
from sightline.workers.wiring import build_pipeline

Figure = None | int | float | dict[str, float]
"""A figure of the result."""

MEBIBYTE = 1024 * 1024
PSS_EVERY = 5.0
"""Seconds between two looks at memory: adding up a process's pages takes the kernel some milliseconds."""

SETTLED_AFTER = 300.0
"""Seconds of a run after which memory should have stopped growing."""

WARM_UP_LIMIT = 60.0
"""Seconds that all cameras may take to give their first frames."""


HINT_FAILED = "Look whether the source serves that many cameras at once, and verify the pack."


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """What to measure. realtime: play a file at its own speed and drop what is late, instead of as fast as it goes."""

    source: Source
    pack: str
    cameras: int
    seconds: float
    motion_gate: bool = True
    realtime: bool = False
    transport: Transport = Transport.TCP


@dataclass(frozen=True, slots=True)
class Counts:
    """What one process had done at one moment. cpu_seconds: all of its threads."""

    analysed: int
    embedded: int
    processed: dict[str, int]
    dropped: int
    reconnects: int
    online: int
    cpu_seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class BenchResult:
    """Rates over the measured window; see as_object for units."""

    cameras: int
    processes: int
    seconds: float
    analysed: int
    embedded: int
    processed: dict[str, int]
    dropped: int
    reconnects: int
    online: int
    cpu_seconds: float
    parts: Parts
    pss_mb: float
    pss_growth: float | None
    cores: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))

    @property
    def cpu_ms_per_frame(self) -> float:
        """CPU per analysed frame, everything included, ms."""
        return 1000 * self.cpu_seconds / max(self.analysed, 1)

    @property
    def expected_ms_per_frame(self) -> float:
        """What the parts alone would take per analysed frame: frames that the gate held back are decoded too."""
        analysed = max(self.analysed, 1)
        seen = sum(self.processed.values()) / analysed
        return self.parts.decode * seen + self.parts.detect + self.parts.embed * self.embedded / analysed

    def as_object(self) -> dict[str, Figure]:
        """For JSON. Times in ms of CPU, rates per second, memory in MiB. share_of_cores: how much of the machine the
        run got; where others work beside it, it lowers share_of_predicted and leaves overhead_ratio alone."""
        rates = [count / self.seconds for count in self.processed.values()]
        frames_per_second = self.analysed / self.seconds
        predicted = 1000 * self.cores / self.expected_ms_per_frame
        return {
            "frames_per_second": round(frames_per_second, 2),
            "cpu_ms_per_frame": round(self.cpu_ms_per_frame, 3),
            "parts_ms_per_frame": {
                "decode": round(self.parts.decode, 3),
                "detect": round(self.parts.detect, 3),
                "embed": round(self.parts.embed * self.embedded / max(self.analysed, 1), 3),
                "embed_per_face": round(self.parts.embed, 3),
            },
            "overhead_ratio": round(self.cpu_ms_per_frame / self.expected_ms_per_frame, 3),
            "predicted_frames_per_second": round(predicted, 2),
            "share_of_predicted": round(frames_per_second / predicted, 3),
            "share_of_cores": round(self.cpu_seconds / (self.seconds * self.cores), 3),
            "dropped": self.dropped,
            "per_camera_rate": {"min": round(min(rates), 3), "max": round(max(rates), 3)},
            "per_camera_rate_spread": round(max(rates) / min(rates), 3) if min(rates) > 0 else None,
            "pss_mb": round(self.pss_mb, 1),
            "pss_growth_mb_per_minute": None if self.pss_growth is None else round(self.pss_growth, 3),
            "cameras": self.cameras,
            "cameras_online": self.online,
            "reconnects": self.reconnects,
            "processes": self.processes,
            "cores": self.cores,
            "seconds": round(self.seconds, 2),
            "sampled_frames_per_second": round(sum(rates), 2),
            "embedded_faces": self.embedded,
        }


def run_bench(request: BenchRequest, settings: Settings) -> BenchResult:
    """Measure. Raises the typed errors of source and pack before anything is started."""
    probe(request.source, CaptureOptions(transport=request.transport))
    parts = _parts_alone(request, settings)
    cores = len(os.sched_getaffinity(0))
    shares = [list(range(request.cameras))[first :: min(cores, request.cameras)] for first in range(cores)]
    workers = [_Process(request, settings, share) for share in shares if share]
    try:
        return _measure(request, workers, parts)
    finally:
        for worker in workers:
            worker.stop()


def _parts_alone(request: BenchRequest, settings: Settings) -> Parts:
    """Measured in a process of its own, whose models do not count as memory of those that are measured later."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure_parts, request, settings).result()


def _measure_parts(request: BenchRequest, settings: Settings) -> Parts:
    models = _models(request.pack, settings)
    return measure_parts(request.source, models, settings.capture, live=request.source.live)


def _measure(request: BenchRequest, workers: Sequence["_Process"], parts: Parts) -> BenchResult:
    for worker in workers:
        worker.await_ready()
    before = [worker.counts() for worker in workers]
    memory = _watch_memory(workers, request.seconds)
    after = [worker.counts() for worker in workers]
    spans = [late.at - early.at for early, late in zip(before, after, strict=True)]
    return BenchResult(
        cameras=request.cameras,
        processes=len(workers),
        seconds=sum(spans) / len(spans),
        analysed=sum(late.analysed - early.analysed for early, late in zip(before, after, strict=True)),
        embedded=sum(late.embedded - early.embedded for early, late in zip(before, after, strict=True)),
        processed={
            camera: count - early.processed[camera]
            for early, late in zip(before, after, strict=True)
            for camera, count in late.processed.items()
        },
        dropped=sum(late.dropped - early.dropped for early, late in zip(before, after, strict=True)),
        reconnects=sum(late.reconnects for late in after),
        online=sum(late.online for late in after),
        cpu_seconds=sum(late.cpu_seconds - early.cpu_seconds for early, late in zip(before, after, strict=True)),
        parts=parts,
        pss_mb=memory[-1][1],
        pss_growth=_growth(memory),
    )


def _watch_memory(workers: Sequence["_Process"], seconds: float) -> list[tuple[float, float]]:
    """Seconds into the window and PSS of this process and the workers in MiB, until the window is over."""
    processes = [psutil.Process(), *(psutil.Process(worker.pid) for worker in workers)]
    began = time.monotonic()
    samples = []
    while (passed := time.monotonic() - began) < seconds:
        samples.append((passed, sum(process.memory_full_info().pss for process in processes) / MEBIBYTE))
        time.sleep(min(PSS_EVERY, max(seconds - (time.monotonic() - began), 0.0)))
    samples.append((seconds, sum(process.memory_full_info().pss for process in processes) / MEBIBYTE))
    return samples


def _growth(samples: Sequence[tuple[float, float]]) -> float | None:
    """MiB per minute once settled: the slope of a line through the samples; None for runs too short to tell."""
    settled = [(at, pss) for at, pss in samples if at >= SETTLED_AFTER]
    if len(settled) < 3:
        return None
    mean_at = sum(at for at, _ in settled) / len(settled)
    mean_pss = sum(pss for _, pss in settled) / len(settled)
    spread = sum((at - mean_at) ** 2 for at, _ in settled)
    return 60 * sum((at - mean_at) * (pss - mean_pss) for at, pss in settled) / spread


class _Process:
    """A worker process and the line to it."""

    def __init__(self, request: BenchRequest, settings: Settings, cameras: Sequence[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end, request, settings, list(cameras)), daemon=True)
        self._process.start()
        far_end.close()

    @property
    def pid(self) -> int:
        """The operating system's number."""
        assert self._process.pid is not None  # noqa: S101 - it is started
        return self._process.pid

    def await_ready(self) -> None:
        """Wait until every camera of the process has given frames. Raises what the process failed with."""
        answer = self._ask("ready", WARM_UP_LIMIT + 60)
        if answer is not True:
            raise MediaError(str(answer), hint=HINT_FAILED)

    def counts(self) -> Counts:
        """What the process has done by now."""
        answer = self._ask("counts", 30)
        if not isinstance(answer, Counts):
            raise MediaError(str(answer), hint=HINT_FAILED)
        return answer

    def stop(self) -> None:
        """End the process."""
        if self._process.is_alive():
            self._line.send("stop")
            self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _ask(self, question: str, seconds: float) -> object:
        try:
            self._line.send(question)
            if not self._line.poll(seconds):
                raise MediaError(f"a worker did not answer within {seconds:.0f} s", hint="Use fewer cameras.")
            return self._line.recv()
        except (EOFError, BrokenPipeError) as error:
            raise MediaError(
                "a worker process died", hint="Use fewer cameras, or look at the machine's log."
            ) from error


def _serve(line: Connection, request: BenchRequest, settings: Settings, cameras: Sequence[int]) -> None:
    """The worker process: watches its cameras and answers questions until told to stop."""
    models = _models(request.pack, settings)
    models.warm_up()
    gallery = Gallery.empty(models.embedder.model_version)
    # Nobody is enrolled, so the threshold decides nothing; the search itself is a matter of microseconds.
    pipeline = build_pipeline(
        models, gallery, Threshold(1.0, None), settings, rules=RuleBook(), motion_gate=request.motion_gate
    )
    plans = [
        CameraPlan(
            f"camera-{number}",
            request.source,
            transport=request.transport,
            loop=not request.source.live,
            realtime=request.realtime,
        )
        for number in cameras
    ]
    worker = FusedWorker(plans, pipeline, settings.capture, on_events=_ignore)
    run = _Run(worker)
    while (question := line.recv()) != "stop":
        line.send(_await_frames(worker, run) if question == "ready" else _answer(worker, pipeline, run))
    worker.stop()
    run.thread.join()


class _Run:
    """A worker in a thread. failure: why it ended of its own, in words."""

    def __init__(self, worker: FusedWorker) -> None:
        self._worker = worker
        self.failure = ""
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    def _live(self) -> None:
        try:
            self._worker.run()
        except Exception as error:  # noqa: BLE001 - told to the measuring process, which raises
            self.failure = f"a worker failed: {type(error).__name__}: {error}"
        else:
            self.failure = "a worker ended before it was told to"


def _answer(worker: FusedWorker, pipeline: Pipeline, run: _Run) -> Counts | str:
    return run.failure or _count(worker, pipeline)


def _ignore(events: Sequence[TrackEvent]) -> None:
    """Nobody listens: what is measured is the pipeline."""


def _await_frames(worker: FusedWorker, run: _Run) -> bool | str:
    deadline = time.monotonic() + WARM_UP_LIMIT
    while time.monotonic() < deadline:
        if run.failure:
            return run.failure
        if all(worker.processed.values()):
            return True
        time.sleep(0.1)
    silent = [status for status in worker.statuses() if not worker.processed[status.camera_id]]
    failure = next((status.last_failure for status in silent if status.last_failure), None)
    return f"{len(silent)} cameras gave no frame within {WARM_UP_LIMIT:.0f} s" + (
        f": {failure.error.message}" if failure else ""
    )


def _count(worker: FusedWorker, pipeline: Pipeline) -> Counts:
    statuses = worker.statuses()
    times = os.times()
    return Counts(
        analysed=pipeline.counters.analysed_frames,
        embedded=pipeline.counters.embedded,
        processed=dict(worker.processed),
        dropped=sum(status.dropped for status in statuses),
        reconnects=sum(status.reconnects for status in statuses if not status.source.startswith("/")),
        online=sum(status.state is CameraState.ONLINE for status in statuses),
        cpu_seconds=times.user + times.system,
        at=time.monotonic(),
    )


def _models(pack: str, settings: Settings) -> Models:
    """One thread per session: the processes are as many as the cores."""
    installed = PackStore.from_settings(settings).get(pack)
    score = settings.detection.min_score
    return load_models(installed.folder, installed.manifest, RuntimeOptions(threads=1), min_score=score)
