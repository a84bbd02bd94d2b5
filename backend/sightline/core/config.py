"""Settings: read once at the edge from the environment (SIGHTLINE_…, nested with __), then passed down."""

from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CaptureSettings(BaseModel):
    """How cameras are read."""

    sample_rate: float = Field(5.0, gt=0, le=60, description="Frames per second that are analysed.")
    reconnect_delay: float = Field(5.0, gt=0, description="Seconds before the first new attempt.")
    reconnect_delay_max: float = Field(8.0, gt=0, description="Longest pause between attempts, in seconds.")
    reconnect_attempts: int = Field(5, ge=1, description="Failures in a row after which the state is error.")
    stall_timeout: float = Field(5.0, gt=0, description="Seconds without data before a connection counts as dead.")
    buffer_frames: int = Field(30, ge=1, description="Frames that wait for analysis, at most, per camera.")
    buffer_megabytes: int = Field(64, ge=1, description="Memory that waiting frames take, at most, per camera.")


class DetectionSettings(BaseModel):
    """Which faces count."""

    min_eye_distance: float = Field(8.0, gt=0, description="px between the eyes below which a face is ignored.")


class RecognitionSettings(BaseModel):
    """When a face is a match."""

    pack: str = Field("lite", description="Name of the model pack.")
    fmr: float = Field(1e-4, gt=0, lt=1, description="False-match rate of one comparison (operating point).")
    min_similarity: float | None = Field(
        None, ge=-1, le=1, description="An explicit similarity instead of the operating point."
    )
    min_eye_distance: float = Field(14.0, gt=0, description="px between the eyes below which a face is not told.")
    top_k: int = Field(5, ge=1, le=100, description="Candidates kept per probe.")


class Settings(BaseSettings):
    """All settings. Environment: SIGHTLINE_RECOGNITION__FMR=1e-5 and so on."""

    model_config = SettingsConfigDict(env_prefix="SIGHTLINE_", env_nested_delimiter="__", extra="ignore")

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("sightline"), description="Where everything is kept."
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("sightline"), description="Downloads; safe to delete."
    )
    capture: CaptureSettings = CaptureSettings()
    detection: DetectionSettings = DetectionSettings()
    recognition: RecognitionSettings = RecognitionSettings()

    @property
    def packs_dir(self) -> Path:
        """Where installed model packs lie, one folder each."""
        return self.data_dir / "models"
