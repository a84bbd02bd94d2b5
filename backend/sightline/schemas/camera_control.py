"""Moving cameras that can be moved."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from sightline.schemas.base import In, Out, Text

Speed = Annotated[
    float,
    Field(0.0, ge=-1, le=1, allow_inf_nan=False, description="Share of the greatest speed; the sign is the direction."),
]


def _absolute(path: str) -> str:
    if not path.startswith("/") or path.startswith("//") or not path.isascii() or not path.isprintable():
        raise ValueError("a path begins with one / and holds printable characters of ASCII only")
    if set(path) & set(' \\?#"<>^`{|}'):
        raise ValueError("a path holds no spaces and no ? # or other special characters")
    return path


class ControlConfig(In):
    """Where a camera takes commands by ONVIF: on the host of its address, with the login that is kept of it."""

    port: int = Field(80, ge=1, le=65535)
    tls: bool = Field(default=False, description="Over HTTPS; this machine must trust the camera's certificate.")
    path: Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(_absolute)] = "/onvif/device_service"


class ControlConfigOut(Out):
    """As ControlConfig."""

    port: int = 80
    tls: bool = False
    path: str = "/onvif/device_service"


class PresetOut(Out):
    """A view that a camera keeps."""

    token: str
    name: str = Field(description="As the camera has it.")


class ControlOut(Out):
    """What a camera says it can do."""

    pan_tilt: bool
    zoom: bool
    home: bool
    presets: list[PresetOut] = Field(description="256 at most.")


class MoveIn(In):
    """Speeds, and for how long."""

    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0
    seconds: float = Field(
        1.0,
        gt=0,
        le=10,
        allow_inf_nan=False,
        description="After which it is stopped, unless it is moved again before.",
    )

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "MoveIn":
        if self.pan == self.tilt == self.zoom == 0:
            raise ValueError("give a speed for pan, tilt or zoom; to stop, POST …/control/stop")
        return self


class PresetIn(In):
    """Which view to show."""

    token: Text = Field(min_length=1, max_length=200, description="Of a preset, from GET …/control.")
