"""Messages to fields of a stream and back, as the specification (4.1, 4.2) lays them out.

Every top-level key of the specification's formats is one field: camera_id, timestamp (RFC 3339), frame_data (base64),
sequence; camera_id, timestamp, detections (JSON text). Our extra fields follow, each as JSON text: schema, media_time,
discontinuity; schema, media_time, frame_size, tracks, closed. A message without extras is a third party's and as good;
fields that nobody knows are passed over. What can be encoded can be decoded: both sides check the same limits.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from sightline.bus import wire
from sightline.bus.ports import Fields
from sightline.core.errors import MessageInvalid
from sightline.domain.messages import SCHEMA, FacesMessage, FrameMessage

Value = TypeVar("Value")

DETECTIONS_TEXT = 64 * 1024 * 1024
"""Longest text of detections: 256 crops of 180 kB, or a few large ones."""
TRACKS_TEXT = 1024 * 1024
NUMBER_TEXT = 64
TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
SHOWN_PROBLEMS = 3


def encode_frame(message: FrameMessage) -> Fields:
    """Fields of a frame. Raises MessageInvalid for what could not be decoded again."""
    if not 0 < len(message.frame_data) <= wire.JPEG_BYTES:
        raise _invalid("frame_data", f"a picture has 1 to {wire.JPEG_BYTES} bytes")
    fields = {
        "camera_id": str(message.camera_id).encode(),
        "timestamp": _timestamp_text(message.timestamp),
        "frame_data": b64encode(message.frame_data),
        "sequence": _dump("sequence", wire.COUNT_JSON, int(message.sequence)),
        "schema": str(SCHEMA).encode(),
    }
    if message.media_time is not None:
        fields["media_time"] = _dump("media_time", wire.MEDIA_TIME_JSON, float(message.media_time))
    if message.discontinuity:
        fields["discontinuity"] = b"true"
    return fields


def decode_frame(fields: Fields) -> FrameMessage:
    """A frame from its fields. Raises MessageInvalid that says what is wrong, never with the picture."""
    _check_schema(fields)
    discontinuity = _optional(fields, "discontinuity", wire.FLAG_JSON)
    return FrameMessage(
        camera_id=_camera_id(fields),
        timestamp=_timestamp(fields),
        frame_data=_picture(fields, "frame_data"),
        sequence=_load("sequence", wire.COUNT_JSON, _field(fields, "sequence", NUMBER_TEXT)),
        media_time=_optional(fields, "media_time", wire.MEDIA_TIME_JSON),
        discontinuity=discontinuity is True,
    )


def encode_faces(message: FacesMessage) -> Fields:
    """Fields of what was seen in a frame. Raises MessageInvalid for what could not be decoded again."""
    fields = {
        "camera_id": str(message.camera_id).encode(),
        "timestamp": _timestamp_text(message.timestamp),
        "detections": _detections_text(message),
        "schema": str(SCHEMA).encode(),
    }
    if message.media_time is not None:
        fields["media_time"] = _dump("media_time", wire.MEDIA_TIME_JSON, float(message.media_time))
    if message.frame_size is not None:
        width, height = message.frame_size
        fields["frame_size"] = _dump("frame_size", wire.SIZE_JSON, (int(width), int(height)))
    if message.tracks:
        fields["tracks"] = _tracks_text(message)
    if message.closed:
        fields["closed"] = b"true"
    return fields


def decode_faces(fields: Fields) -> FacesMessage:
    """What was seen in a frame, from its fields. Raises MessageInvalid that says what is wrong, never with pictures."""
    _check_schema(fields)
    seen = _load("detections", wire.DETECTIONS_JSON, _field(fields, "detections", DETECTIONS_TEXT))
    tracks = _optional(fields, "tracks", wire.TRACKS_JSON, TRACKS_TEXT) or []
    closed = _optional(fields, "closed", wire.FLAG_JSON)
    try:
        detections = tuple(detection.value() for detection in seen)
    except ValueError as error:
        raise _invalid("detections", f"a face_crop {error}") from None
    return FacesMessage(
        camera_id=_camera_id(fields),
        timestamp=_timestamp(fields),
        detections=detections,
        media_time=_optional(fields, "media_time", wire.MEDIA_TIME_JSON),
        frame_size=_optional(fields, "frame_size", wire.SIZE_JSON),
        tracks=tuple(track.value() for track in tracks),
        closed=closed is True,
    )


def _detections_text(message: FacesMessage) -> bytes:
    try:
        seen = [wire.DetectionWire.of(face, b64encode(face.face_crop).decode()) for face in message.detections]
    except ValidationError as error:
        raise _invalid("detections", _problems(error)) from None
    text = _dump("detections", wire.DETECTIONS_JSON, seen)
    if len(text) > DETECTIONS_TEXT:
        raise _invalid("detections", f"more than {DETECTIONS_TEXT} bytes")
    return text


def _tracks_text(message: FacesMessage) -> bytes:
    try:
        tracks = [wire.TrackWire.of(state) for state in message.tracks]
    except ValidationError as error:
        raise _invalid("tracks", _problems(error)) from None
    return _dump("tracks", wire.TRACKS_JSON, tracks)


def _dump(name: str, adapter: TypeAdapter[Value], value: Value) -> bytes:
    try:
        return adapter.dump_json(adapter.validate_python(value), exclude_none=True)
    except ValidationError as error:
        raise _invalid(name, _problems(error)) from None


def _load(name: str, adapter: TypeAdapter[Value], text: bytes) -> Value:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise _invalid(name, _problems(error)) from None


def _optional(fields: Fields, name: str, adapter: TypeAdapter[Value], most: int = NUMBER_TEXT) -> Value | None:
    return _load(name, adapter, _field(fields, name, most)) if name in fields else None


def _field(fields: Fields, name: str, most: int) -> bytes:
    text = fields.get(name)
    if text is None:
        raise _invalid(name, "is missing")
    if len(text) > most:
        raise _invalid(name, f"has {len(text)} bytes; at most {most} are taken")
    return text


def _check_schema(fields: Fields) -> None:
    schema = _optional(fields, "schema", wire.COUNT_JSON)
    if schema is not None and schema > SCHEMA:
        raise MessageInvalid(
            f"schema is {schema}; this worker knows versions up to {SCHEMA}",
            hint="Update this worker, then `sightline streams replay`.",
        )


def _camera_id(fields: Fields) -> UUID:
    text = _field(fields, "camera_id", NUMBER_TEXT)
    try:
        return UUID(text.decode("ascii"))
    except ValueError:  # UnicodeDecodeError is one
        raise _invalid("camera_id", "is no UUID") from None


def _picture(fields: Fields, name: str) -> bytes:
    try:
        data = wire.picture(_field(fields, name, wire.JPEG_TEXT))
    except ValueError as error:
        raise _invalid(name, str(error)) from None
    if not data:
        raise _invalid(name, "is empty")
    return data


def _timestamp(fields: Fields) -> datetime:
    text = _field(fields, "timestamp", NUMBER_TEXT).decode("ascii", "replace")
    if not TIMESTAMP.fullmatch(text):
        raise _invalid("timestamp", "is no RFC 3339 time with a zone, such as 2024-01-20T14:25:30Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _invalid("timestamp", "is no day or time of the calendar") from None


def _timestamp_text(moment: datetime) -> bytes:
    if moment.tzinfo is None:
        raise _invalid("timestamp", "has no time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()


def _problems(error: ValidationError) -> str:
    """What is wrong and where; never what stood there, which may be somebody's face."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [_problem(problem["loc"], problem["msg"]) for problem in found[:SHOWN_PROBLEMS]]
    more = len(found) - len(shown)
    return "; ".join([*shown, f"and {more} more"] if more else shown)


def _problem(place: Iterable[str | int], message: str) -> str:
    where = ".".join(str(part) for part in place)
    return f"{where}: {message}" if where else message


def _invalid(name: str, problem: str) -> MessageInvalid:
    return MessageInvalid(f"{name}: {problem}", hint="See docs/operations.md, `sightline streams`.")
