"""Health, and what the system consists of."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime


class HealthOut(Out):
    """That the process runs."""

    status: Literal["alive"] = "alive"


class PartOut(Out):
    """One part that the API stands on."""

    name: str = Field(examples=["database"])
    state: str = Field(description="ok, or the code of what is wrong.", examples=["ok"])
    ms: float = Field(description="How long it took to answer.")
    is_required: bool = Field(description="Without it the API takes no requests; without others parts of it fail.")
    without_it: str = Field(description="What does not work while it is away.")


class ReadinessOut(Out):
    """Whether every part works. state: ready, degraded (a part is missing that is not required), or unavailable."""

    ready: bool
    state: Literal["ready", "degraded", "unavailable"]
    checks: dict[str, str] = Field(description="State per part.", examples=[{"database": "ok", "redis": "ok"}])
    parts: Sequence[PartOut]


class VersionOut(Out):
    """Which program answers."""

    version: str = Field(examples=["0.3.0"])
    api: Literal["v1"] = "v1"
    schema_revision: str = Field(description="Of the database that this program needs.", examples=["0016"])
    demo: bool = Field(default=False, description="Whether it shows the demonstration, with its two guests.")


class DatabaseInformationOut(Out):
    """PostgreSQL."""

    version: str
    pgvector: str | None
    schema_revision: str
    size_bytes: int
    clock_offset_seconds: float = Field(description="Its clock less this machine's; includes half a round trip.")
    connections: int = Field(description="Of all processes to this database.")


class RedisInformationOut(Out):
    """Redis or Valkey; null values where it does not answer."""

    is_up: bool
    version: str | None
    used_memory_bytes: int | None
    connected_clients: int | None


class StorageInformationOut(Out):
    """The object store. Free bytes are those of the data folder's disk."""

    kind: str
    bucket: str | None
    disk_total_bytes: int
    disk_free_bytes: int


class AccuracyOut(Out):
    """A measured accuracy and the set it was measured on."""

    set: str
    pairs: int
    accuracy: float
    remark: str


class PointOut(Out):
    """A measured operating point; null: not measured."""

    fmr: float
    min_similarity: float | None
    tmr: float | None


class ModelFileOut(Out):
    """A model file."""

    file: str
    licence: str
    source: str
    provenance: str


class PackInformationOut(Out):
    """The model pack in use."""

    name: str
    title: str
    model_version: str
    detector: ModelFileOut
    embedder: ModelFileOut
    operating_points: Sequence[PointOut]
    measured_on: str
    accuracy: Sequence[AccuracyOut]


class QueuesOut(Out):
    """What waits."""

    jobs_queued: int
    jobs_running: int
    notifications_pending: int
    notifications_failed: int
    objects_to_remove: int
    statistic_changes: int = Field(description="Counts not folded in yet; many thousands: maintenance is away.")


class MachineOut(Out):
    """Where this API process runs."""

    python: str
    system: str
    cores: int
    load_average: float | None = Field(
        description="Processes that ran or wanted to, over the last minute; more than cores: too many. Null: unknown."
    )
    memory_bytes: int
    started_at: UtcDatetime
    uptime_seconds: float


class SystemInformationOut(Out):
    """What the system consists of, without any secret or address."""

    as_of: UtcDatetime
    version: str
    database: DatabaseInformationOut
    redis: RedisInformationOut
    storage: StorageInformationOut
    pack: PackInformationOut | None = Field(description="Null: none is installed, or it is damaged.")
    queues: QueuesOut
    cameras_by_status: dict[str, int] = Field(examples=[{"active": 48, "inactive": 1, "error": 1}])
    machine: MachineOut
