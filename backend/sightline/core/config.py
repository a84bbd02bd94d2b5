"""Settings: read once at the edge from the environment (SIGHTLINE_…, nested with __), then passed down.

Nothing has to be set: without addresses of servers, `sightline up` runs its own. Secrets are SecretStr, so that no
repr, log or error shows them; `sightline config show` masks them, also inside of addresses.
"""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sightline.core.errors import ConfigInvalid

MIN_SECRET_LENGTH = 32  # characters; RFC 7518 3.2 asks for a key as long as the hash, 256 bit for HS256
PLACEHOLDERS = ("change", "secret", "example", "default", "password")


class CaptureSettings(BaseModel):
    """How cameras are read."""

    sample_rate: float = Field(5.0, gt=0, le=60, description="Frames per second that are analysed.")
    reconnect_delay: float = Field(5.0, gt=0, description="Seconds before the first new attempt.")
    reconnect_delay_max: float = Field(8.0, gt=0, description="Longest pause between attempts, in seconds.")
    reconnect_attempts: int = Field(5, ge=1, description="Failures in a row after which the state is error.")
    stall_timeout: float = Field(5.0, gt=0, description="Seconds without data before a connection counts as dead.")
    buffer_frames: int = Field(30, ge=1, description="Frames that wait for analysis, at most, per camera.")
    buffer_megabytes: int = Field(64, ge=1, description="Memory that waiting frames take, at most, per camera.")
    allowed_schemes: str = Field(
        "rtsp,rtsps,http,https,rtmp,rtmps,srt,udp,rtp",
        pattern=r"^[a-z]+(,[a-z]+)*$",
        description="Types of address that the API may give a camera, by comma; files and webcams never.",
    )
    allow_loopback: bool = Field(
        default=False, description="Whether the API may give a camera an address of this very machine."
    )
    refused_networks: str = Field(
        "", description="Ranges besides in which no camera is opened, by comma: your servers', for example."
    )
    probe_seconds: float = Field(
        5.0, gt=0, le=10, description="Seconds that a camera has to answer when its address is tried."
    )

    @field_validator("refused_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            ip_network(part)
        return value


class DetectionSettings(BaseModel):
    """Which faces count."""

    min_eye_distance: float = Field(8.0, gt=0, description="px between the eyes below which a face is ignored.")
    min_score: float | None = Field(
        None, ge=0, le=1, description="Detector score below which a face is ignored; the pack's own where not set."
    )


class RecognitionSettings(BaseModel):
    """When a face is a match."""

    pack: str = Field("lite", description="Name of the model pack.")
    fmr: float = Field(1e-4, gt=0, lt=1, description="False-match rate of one comparison (operating point).")
    min_similarity: float | None = Field(
        None, ge=-1, le=1, description="An explicit similarity instead of the operating point."
    )
    min_eye_distance: float = Field(14.0, gt=0, description="px between the eyes below which a face is not told.")
    top_k: int = Field(5, ge=1, le=100, description="Candidates kept per probe.")
    unknown: Literal["count", "crop", "template"] = Field(
        "crop", description="What is kept of people who match nobody: a count, a crop for a while, or a template too."
    )
    unknown_hours: int = Field(24, ge=1, le=24 * 366, description="Hours until that is erased.")
    unknown_purpose: str = Field(
        "", description="Why templates of unknown people are kept; needed for unknown=template."
    )

    @model_validator(mode="after")
    def _template_needs_purpose(self) -> Self:
        if self.unknown == "template" and not self.unknown_purpose.strip():
            raise ValueError(
                "unknown=template keeps biometric data of bystanders: state the purpose in unknown_purpose"
            )
        return self


class DatabaseSettings(BaseModel):
    """PostgreSQL 18 with pgvector; without url `sightline up` runs its own."""

    url: SecretStr | None = Field(None, description="postgresql://user:password@host/database of an external server.")
    admin_url: SecretStr | None = Field(
        None, description="The same database as a role that may make roles and extensions; url where not set."
    )
    pool_size: int = Field(10, ge=1, le=100, description="Connections kept open per process.")
    max_overflow: int = Field(
        5, ge=0, le=100, description="Connections more under load, per process; kept for one to two minutes after it."
    )
    pool_timeout: float = Field(10.0, gt=0, description="Seconds to wait for a free connection.")
    connect_timeout: float = Field(5.0, gt=0, description="Seconds to wait for the server.")
    statement_timeout: float = Field(30.0, gt=0, description="Seconds after which the server stops a query.")

    @field_validator("url", "admin_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, ("postgresql", "postgres", "postgresql+asyncpg"))


class RedisSettings(BaseModel):
    """Redis or Valkey; without url `sightline up` runs its own."""

    url: SecretStr | None = Field(None, description="redis://:password@host:6379/0, rediss:// or unix:// address.")
    password: SecretStr | None = Field(None, description="Password, where it is not part of the address.")
    max_connections: int = Field(20, ge=1, description="Connections per process.")
    timeout: float = Field(5.0, gt=0, description="Seconds to wait for an answer.")

    @field_validator("url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, ("redis", "rediss", "unix"))


class StorageSettings(BaseModel):
    """Where crops and frames lie: a folder, or any S3."""

    kind: Literal["filesystem", "s3"] = Field("filesystem", description="A folder of the data folder, or an S3 server.")
    endpoint: str | None = Field(None, description="Address of the S3 server; AWS's own where not set.")
    public_endpoint: str | None = Field(None, description="Its address for browsers, where that is another one.")
    access_key: str | None = Field(None, description="Name of the S3 key.")
    secret_key: SecretStr | None = Field(None, description="The S3 key itself.")
    signing_key: SecretStr | None = Field(
        None, description="Signs addresses of objects in a folder; made on first start where not set."
    )
    bucket: str = Field("sightline", min_length=3, max_length=63, description="Made on start where it is missing.")
    region: str = Field("us-east-1", description="Region of the bucket.")
    timeout: float = Field(10.0, gt=0, description="Seconds to wait for an answer.")

    @model_validator(mode="after")
    def _s3_needs_key(self) -> Self:
        if self.kind == "s3" and not (self.access_key and self.secret_key):
            raise ValueError("kind=s3 needs access_key and secret_key")
        return self


class RateLimitSettings(BaseModel):
    """Requests per minute, per user or API key; of strangers and logins per address."""

    address: int = Field(3000, ge=1, description="All requests of one address; an office behind one shares them.")
    reads: int = Field(600, ge=1, description="Requests that only read.")
    writes: int = Field(120, ge=1, description="Requests that change something.")
    pictures: int = Field(1800, ge=1, description="Pictures: up to 200 on a page, 8 a second on a wall of cameras.")
    login: int = Field(30, ge=1, description="Logins, refreshed tokens and second factors of one address.")
    search: int = Field(20, ge=1, description="Searches for a subject by face.")
    history: int = Field(10, ge=1, description="Searches of past sightings by face.")
    exports: int = Field(10, ge=1, description="Exports and reports.")
    probe: int = Field(10, ge=1, description="Attempts to open the address of a camera.")
    uploads: int = Field(60, ge=1, description="Uploaded pictures and archives.")


class ApiSettings(BaseModel):
    """Where the API and the browser page listen."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    public_url: str | None = Field(None, description="How users reach it, behind a proxy for example.")
    rate_limits: RateLimitSettings = RateLimitSettings()

    @property
    def url(self) -> str:
        """The address for users."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else self.host  # noqa: S104  compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class JwtSettings(BaseModel):
    """Access tokens; the key is made on first start and kept in the data folder."""

    secret_key: SecretStr | None = Field(None, description="At least 32 random characters; made where not set.")
    previous_secret_key: SecretStr | None = Field(
        None, description="The key before secret_key, while tokens of it still live."
    )
    algorithm: Literal["HS256", "HS384", "HS512"] = Field("HS256", description="How tokens are signed.")
    access_minutes: int = Field(15, ge=1, le=24 * 60, description="Life of an access token.")
    refresh_days: int = Field(7, ge=1, le=365, description="Longest life of a session whose user is remembered.")

    @field_validator("secret_key", "previous_secret_key")
    @classmethod
    def _is_strong(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else None
        if text is not None and (len(text) < MIN_SECRET_LENGTH or _is_placeholder(text)):
            raise ValueError(f"give at least {MIN_SECRET_LENGTH} random characters (openssl rand -base64 48)")
        return value


class SealingSettings(BaseModel):
    """Secrets at rest (camera logins, second factors); the key is made on first use and kept in the data folder."""

    keys: SecretStr | None = Field(
        None, description="Base64 of 32 random bytes, for clusters; several by comma, of which the first one seals."
    )


class SmtpSettings(BaseModel):
    """The mail server for alerts; without host no mail is sent."""

    host: str | None = Field(None, description="Name of the mail server.")
    port: int = Field(587, ge=1, le=65535, description="587 for STARTTLS, 465 for TLS.")
    user: str | None = Field(None, description="User, where the server asks for one.")
    password: SecretStr | None = Field(None, description="That user's password.")
    sender: str = Field("sightline@localhost", description="Address that mails come from.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is protected.")


class AlertSettings(BaseModel):
    """When an alert is raised."""

    cooldown_seconds: int = Field(300, ge=0, description="Pause between alerts on one subject at one camera.")

    @property
    def cooldown(self) -> timedelta:
        """As a duration."""
        return timedelta(seconds=self.cooldown_seconds)


class NotificationSettings(BaseModel):
    """How alerts leave the house."""

    allowed_networks: str = Field(
        "", description="Private address ranges that webhooks may reach, by comma: 10.0.0.0/8, fd12::/16."
    )
    timeout: float = Field(10.0, gt=0, le=60, description="Seconds that a webhook or mail server has to answer.")
    push_key: SecretStr | None = Field(
        None, description="Base64 of 32 random bytes, for clusters: signs pushes to browsers; made where not set."
    )

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            ip_network(part)
        return value


class WorkerSettings(BaseModel):
    """How workers share cameras where they run apart (`sightline up --split`, or a cluster)."""

    lease_seconds: float = Field(
        10.0, ge=1, le=60, description="Seconds after which a worker that fell silent has lost its cameras."
    )
    frame_quality: int = Field(95, ge=50, le=100, description="JPEG quality of frames on their way to detection.")
    faces_waiting: int = Field(
        5000, ge=100, description="Messages that wait for recognition, at most; the oldest are dropped then."
    )
    least_sample_rate: float = Field(
        1.0, gt=0, le=60, description="Frames per second below which a camera is not slowed down."
    )


class MetricsSettings(BaseModel):
    """What worker processes show of themselves at /metrics, /readyz and /healthz; the API does so at its own port."""

    host: str = Field("127.0.0.1", description="Address where workers serve metrics; there is no login.")
    port: int | None = Field(
        None, ge=0, le=65535, description="Port of a worker's metrics, one per process; 0: any free one; none: off."
    )


class RetentionSettings(BaseModel):
    """How long records are kept; `sightline purge` and the maintenance worker act on it."""

    sightings_days: int = Field(30, ge=1, description="Days that sightings and their pictures are kept.")
    minute_counts_days: int = Field(90, ge=3, description="Days that counts per camera and minute are kept.")


class Settings(BaseSettings):
    """All settings. Environment: SIGHTLINE_RECOGNITION__FMR=1e-5 and so on."""

    model_config = SettingsConfigDict(
        env_prefix="SIGHTLINE_", env_nested_delimiter="__", extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Field(default_factory=lambda: user_data_path("sightline"), description="Where everything is kept.")
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("sightline"), description="Downloads; safe to delete."
    )
    demo: bool = Field(default=False, description="Tells users that they see the demo; `sightline demo` sets it.")
    capture: CaptureSettings = CaptureSettings()
    detection: DetectionSettings = DetectionSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    storage: StorageSettings = StorageSettings()
    api: ApiSettings = ApiSettings()
    jwt: JwtSettings = JwtSettings()
    sealing: SealingSettings = SealingSettings()
    smtp: SmtpSettings = SmtpSettings()
    alerts: AlertSettings = AlertSettings()
    notifications: NotificationSettings = NotificationSettings()
    retention: RetentionSettings = RetentionSettings()
    workers: WorkerSettings = WorkerSettings()
    metrics: MetricsSettings = MetricsSettings()

    @field_validator("data_dir", "cache_dir")
    @classmethod
    def _expand_home(cls, value: Path) -> Path:
        """~ in an environment file reaches us unexpanded."""
        return value.expanduser()

    @property
    def packs_dir(self) -> Path:
        """Where installed model packs lie, one folder each."""
        return self.data_dir / "models"

    @property
    def keys_dir(self) -> Path:
        """Where keys lie that this installation made for itself."""
        return self.data_dir / "keys"

    @property
    def objects_dir(self) -> Path:
        """Where pictures lie with storage.kind=filesystem."""
        return self.data_dir / "objects"


def load_settings() -> Settings:
    """The settings of the environment. Raises ConfigInvalid that names each wrong key and no value."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"{_variable(entry['loc'])}: {entry['msg']}" for entry in error.errors(include_input=False)]
        raise ConfigInvalid(
            "settings cannot be used: " + "; ".join(problems),
            hint="correct or unset these environment variables; `sightline config show` explains every key",
        ) from None  # pydantic's own error carries the values


def _variable(location: tuple[int | str, ...]) -> str:
    return "SIGHTLINE_" + "__".join(str(part).upper() for part in location)


def _with_scheme(value: SecretStr | None, schemes: tuple[str, ...]) -> SecretStr | None:
    if value is None or not value.get_secret_value():
        return None
    if urlsplit(value.get_secret_value()).scheme not in schemes:
        raise ValueError(f"the address must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return value


def _is_placeholder(text: str) -> bool:
    """A key of words, or of few different characters: nobody drew it at random."""
    return len(set(text)) < 10 or any(word in text.lower() for word in PLACEHOLDERS)
