"""Subject access export (GDPR, article 15): everything held on one person, readable by people and by machines.

Faces of others are pixelated in every picture: those that the detector finds, and those that sightings of the same
camera and moment know of. A detector can miss a face, so somebody looks through the pictures before they are handed
out; the export says so.
"""

import asyncio
import hashlib
import html
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import ImageRejected, ObjectNotFound
from sightline.domain.tracks import Box
from sightline.models import Job
from sightline.schemas.jobs import JobKind
from sightline.schemas.subject_transfers import AccessExportParameters
from sightline.services import audit, jobs, subjects
from sightline.services.face_images import find_faces, principal_face
from sightline.services.job_run import JobRun
from sightline.services.jobs import JobResult
from sightline.vision.crops import encode_jpeg
from sightline.vision.images import load_image
from sightline.vision.loading import Models
from sightline.vision.pixelation import pixelated

SAME_FACE = 0.3
"""Overlap (intersection over union) from which a detected face is the one that the sighting is of."""
NOTICE = (
    "Faces of other people were made unrecognisable by a program, which can miss a face."
    " Look through the pictures before you hand them out."
)
PARTS: Mapping[str, str] = {
    "subject": "SELECT to_jsonb(s) FROM subjects s WHERE s.id = :id",
    "images": "SELECT to_jsonb(i) - 'pixels_digest' FROM images i WHERE i.subject_id = :id ORDER BY i.id",
    "other_templates": "SELECT to_jsonb(t) FROM image_templates t JOIN images i ON i.id = t.image_id"
    " WHERE i.subject_id = :id ORDER BY t.image_id, t.model_version",
    "sightings": "SELECT to_jsonb(s) - 'candidates' FROM sightings s WHERE s.subject_id = :id ORDER BY s.detected_at",
    "alerts": "SELECT to_jsonb(a) FROM alerts a WHERE a.subject_id = :id ORDER BY a.created_at",
    "corrections": "SELECT to_jsonb(c) || jsonb_build_object('subject_id', CASE WHEN c.subject_id = :id THEN"
    " c.subject_id END, 'machine_subject_id', CASE WHEN c.machine_subject_id = :id THEN c.machine_subject_id END)"
    " FROM sighting_corrections c WHERE :id IN (c.subject_id, c.machine_subject_id) ORDER BY c.id",
    "named_as_candidate": "SELECT jsonb_build_object('sighting', s.id, 'detected_at', s.detected_at, 'camera',"
    " s.camera_id, 'similarity', c -> 'similarity') FROM sightings s, jsonb_array_elements(s.candidates) AS c"
    " WHERE s.candidates @> jsonb_build_array("
    "jsonb_build_object('subject', cast(cast(:id AS uuid) AS text)))"
    " AND c ->> 'subject' = cast(cast(:id AS uuid) AS text)"
    " AND s.subject_id IS DISTINCT FROM :id ORDER BY s.detected_at",
    "audit_log": "SELECT jsonb_build_object('at', a.created_at, 'by', a.user_id, 'role', a.actor, 'action', a.action,"
    " 'record', a.table_name, 'record_id', a.record_id, 'details', p.new_values - 'candidates') FROM audit_logs a"
    " JOIN audit_payloads p ON p.audit_id = a.id WHERE p.subject_id = :id"
    " OR (a.table_name = 'subjects' AND a.record_id = cast(cast(:id AS uuid) AS text)) ORDER BY a.id",
}
"""What is held, each as JSON. Other people's ids stay out: candidates and corrections name others."""

Record = dict[str, object]


@dataclass
class _Export:
    """What goes into the archive."""

    archive: zipfile.ZipFile
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        self.archive.writestr(name, data)
        self.digests[name] = hashlib.sha256(data).hexdigest()


async def begin(session: AsyncSession, *, subject_id: UUID, reason: str, user_id: UUID) -> Job:
    """Queue the export, and record who asked for it and why. Raises NotFound."""
    await subjects.get(session, subject_id=subject_id)
    given = AccessExportParameters(subject_id=subject_id, purpose=reason)
    job = await jobs.enqueue(
        session, kind=JobKind.ACCESS_EXPORT, parameters=given, created_by=user_id, subject_id=subject_id
    )
    details: dict[str, object] = {"job": str(job.id), "purpose": reason}
    await audit.record_event(
        session,
        action="EXPORT",
        table_name="subjects",
        record_id=str(subject_id),
        details=details,
        subject_id=subject_id,
    )
    return job


async def handle(run: JobRun) -> JobResult:
    """The job's handler. Raises NotFound, PackNotInstalled."""
    given = run.parameters(AccessExportParameters)
    async with run.database.session(run.principal) as session:
        await subjects.get(session, subject_id=given.subject_id)
        parts = await collect(session, subject_id=given.subject_id)
        cameras = {str(row.id): row.name for row in await session.execute(text("SELECT id, name FROM cameras"))}
    path = run.workspace / "access-export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        export = _Export(archive)
        for name, records in parts.items():
            export.add(f"data/{name}.json", json.dumps(records, ensure_ascii=False, indent=1).encode())
        await _pictures(run, export, parts, given.subject_id)
        export.add("index.html", _index(parts, export.digests, cameras).encode())
        manifest = {"made_at": datetime.now(UTC).isoformat(), "notice": NOTICE, "sha256": export.digests}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    amounts: dict[str, object] = {name: len(records) for name, records in parts.items() if name != "subject"}
    return JobResult("access-export.zip", path, {**amounts, "files": len(export.digests) + 1})


async def collect(session: AsyncSession, *, subject_id: UUID) -> dict[str, list[Record]]:
    """Everything that the database holds on a person, by part."""
    return {name: list(await session.scalars(text(statement), {"id": subject_id})) for name, statement in PARTS.items()}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A picture of the export. box: the person's, px of a frame of width px; sighting: whose frame it is."""

    name: str
    key: object
    box: Box | None = None
    width: int = 0
    sighting: str = ""


def _wanted(parts: Mapping[str, list[Record]]) -> Iterator[_Wanted]:
    for one in parts["images"]:
        yield _Wanted(f"pictures/enrolled/{one['id']}.jpg", one["image_path"])
    for one in parts["sightings"]:
        yield _Wanted(f"pictures/seen/{one['id']}-face.jpg", one["image_path"])
        width, box = int(str(one["frame_width"])), _box(one["bounding_box"])
        yield _Wanted(f"pictures/seen/{one['id']}-frame.jpg", one["frame_path"], box, width, str(one["id"]))


async def _pictures(run: JobRun, export: _Export, parts: Mapping[str, list[Record]], subject_id: UUID) -> None:
    models = await run.models()
    wanted = list(_wanted(parts))
    for number, one in enumerate(wanted):
        await run.progress(number / len(wanted), f"{number:,} of {len(wanted):,} pictures")
        if not isinstance(one.key, str):
            continue
        try:
            data = (await run.storage.download(one.key)).data
        except ObjectNotFound:
            continue
        known = await _others(run, one.sighting, subject_id) if one.sighting else []
        try:
            export.add(one.name, await asyncio.to_thread(_without_others, data, models, one, known))
        except ImageRejected as error:
            export.add(f"{one.name}.txt", f"This picture cannot be read: {error.message}".encode())


async def _others(run: JobRun, sighting: str, subject_id: UUID) -> list[Box]:
    """Where other people's sightings of the same camera and moment were; px of the frame."""
    statement = text(
        "SELECT o.bounding_box FROM sightings s JOIN sightings o ON o.camera_id = s.camera_id"
        " AND o.detected_at <= s.last_seen_at AND o.detected_at > s.detected_at - interval '1 day'"
        " AND o.last_seen_at >= s.detected_at AND o.id <> s.id"
        " WHERE s.id = cast(cast(:sighting AS text) AS uuid) AND o.subject_id IS DISTINCT FROM :subject"
    )
    async with run.database.session(run.principal) as session:
        found = await session.scalars(statement, {"sighting": sighting, "subject": subject_id})
        return [_box(corners) for corners in found]


def _without_others(data: bytes, models: Models, wanted: _Wanted, known: Sequence[Box]) -> bytes:
    """The picture as JPEG without metadata, every face pixelated but the person's own.

    A margin that reaches into the person's own face covers it as well: others come first.
    """
    image = load_image(data)
    faces = find_faces(image, models.detector)
    boxes = [(float(x1), float(y1), float(x2 - x1), float(y2 - y1)) for x1, y1, x2, y2 in faces.boxes]
    principal = principal_face(faces, image)
    scale = image.shape[1] / wanted.width if wanted.width else 1.0
    mine = _scaled(wanted.box, scale) if wanted.box else (boxes[principal] if principal is not None else None)
    candidates = [*boxes, *(_scaled(box, scale) for box in known)]
    return encode_jpeg(pixelated(image, [box for box in candidates if mine is None or _overlap(box, mine) < SAME_FACE]))


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    return shared / max(one[2] * one[3] + other[2] * other[3] - shared, 1e-9)


def _box(corners: object) -> Box:
    x, y, width, height = (float(value) for value in cast("Sequence[float]", corners))
    return x, y, width, height


def _index(parts: Mapping[str, list[Record]], files: Mapping[str, str], cameras: Mapping[str, str]) -> str:
    """A page for the person: what is held, where they were seen, and every picture."""
    person = parts["subject"][0] if parts["subject"] else {}
    rows = "".join(f"<tr><th>{_safe(name)}</th><td>{_safe(value)}</td></tr>" for name, value in person.items())
    seen = "".join(
        f"<tr><td>{_safe(one['detected_at'])}</td><td>{_safe(cameras.get(str(one['camera_id']), ''))}</td>"
        f"<td>{_safe(one['confidence'])}</td></tr>"
        for one in parts["sightings"]
    )
    counts = "".join(
        f'<li><a href="data/{name}.json">{name.replace("_", " ")}</a>: {len(held)}</li>' for name, held in parts.items()
    )
    pictures = "".join(
        f'<figure><img src="{_safe(name)}" alt="" width="240"><figcaption>{_safe(name)}</figcaption></figure>'
        for name in files
        if name.endswith(".jpg")
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>What is held on you</title>'
        "<style>body{font:16px sans-serif;max-width:60em;margin:2em auto}th{text-align:left;padding-right:1em}</style>"
        f"<h1>What is held on you</h1><p>{NOTICE}</p><ul>{counts}</ul><h2>Your record</h2><table>{rows}</table>"
        f"<h2>Where you were seen</h2><table><tr><th>When (UTC)</th><th>Camera</th><th>Similarity</th></tr>{seen}"
        f"</table><h2>Pictures</h2>{pictures}</html>"
    )


def _safe(value: object) -> str:
    return html.escape("" if value is None else str(value))
