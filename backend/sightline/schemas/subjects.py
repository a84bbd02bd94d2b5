"""Subjects: the people who are enrolled."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.bulk import BulkIds

PersonName = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ExternalId = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ListId = Annotated[int, Field(ge=1, le=2**31 - 1)]
FieldName = Annotated[Text, StringConstraints(min_length=1, max_length=64)]
FieldText = Annotated[Text, StringConstraints(max_length=1000)]
FieldNumber = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
FieldValue = bool | FieldNumber | FieldText | None
MOST_FIELDS = 50


class SubjectStatus(StrEnum):
    """Whether a subject is recognised at all."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class SubjectIn(In):
    """What is kept on a person beside pictures."""

    name: PersonName = Field(description="A name or a pseudonym; two may share one.", examples=["Grace Hopper"])
    external_id: ExternalId | None = Field(
        None, description="The person's number in another system; unique.", examples=["HR-20417"]
    )
    watchlist_id: ListId | None = None
    status: SubjectStatus = SubjectStatus.ACTIVE
    alert_on_match: bool = Field(default=True, description="Whether matches raise alerts; needs a watchlist.")
    expires_at: UtcDatetime | None = Field(
        None, description="When the entry ends: from then on the person is not recognised. Null: with its list."
    )
    metadata: dict[FieldName, FieldValue] = Field(
        default={}, max_length=MOST_FIELDS, description="Fields of your own.", examples=[{"department": "Navy"}]
    )


class SubjectOut(Out):
    """A subject."""

    id: UUID
    name: str
    external_id: str | None
    watchlist_id: int | None
    watchlist_name: str | None
    watchlist_color: str | None
    status: SubjectStatus
    alert_on_match: bool
    expires_at: UtcDatetime | None
    metadata: dict[str, FieldValue]
    is_searched: bool = Field(
        description="May be recognised now: active, and neither entry nor list is over. Without images nobody is."
    )
    images: int = Field(description="Reference images.")
    portrait_id: UUID | None = Field(description="The image to show, at …/images/{id}/picture.")
    portrait_url: str | None = Field(
        None, description="That image for some minutes and without a header; null where you may not see it."
    )
    last_seen_at: UtcDatetime | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class SubjectChangeIn(In):
    """Fields to change; those that are left out stay as they are."""

    status: SubjectStatus | None = None
    alert_on_match: bool | None = None
    watchlist_id: ListId | None = Field(None, description="Null takes the subjects off their lists.")

    @model_validator(mode="after")
    def _changes_something(self) -> "SubjectChangeIn":
        if not self.model_fields_set:
            raise ValueError("nothing is to be changed")
        return self


class SubjectBulkIn(BulkIds):
    """The same change of many subjects."""

    change: SubjectChangeIn


class MergedList(StrEnum):
    """Whose watchlist, and end of the entry, the merged subject has."""

    KEPT = "kept"
    EMPTIED = "emptied"


class SubjectMergeIn(In):
    """Which subject goes into the one of the path. This cannot be undone."""

    emptied_id: UUID = Field(description="The subject that is deleted; its images, sightings and alerts move.")
    watchlist: MergedList | None = Field(
        None, description="Needed where the two are on different watchlists: whose holds from now on."
    )


class MergeOut(Out):
    """The merged subject, and how much moved."""

    subject: SubjectOut
    moved: dict[str, int] = Field(description="Records that moved, by kind.", examples=[{"images": 2, "sightings": 41}])


class TimelineEntry(Out):
    """A sighting of the subject."""

    sighting_id: UUID
    camera_id: UUID
    camera_name: str
    detected_at: UtcDatetime
    last_seen_at: UtcDatetime
    seconds_since_previous: float | None = Field(
        description="From the end of the sighting before, at whichever camera you may see; null for the first one."
    )
    similarity: float | None
    quality: float | None
    has_image: bool
    has_context: bool


class ImageQuality(Out):
    """What was measured when the picture was enrolled; each part from 0 to 1, 1 is best. Null: not kept."""

    score: float | None
    eye_distance: float | None = Field(description="px between the eyes in the picture as it came.")
    sharpness: float | None
    frontality: float | None
    exposure: float | None


class SubjectImageOut(Out):
    """A reference image. The picture: …/picture; its template never leaves the database."""

    id: UUID
    subject_id: UUID
    has_picture: bool = Field(description="False where only the template is kept.")
    picture_url: str | None = Field(
        description="The picture, for some minutes and without a header; null where none is kept or you may not see it."
    )
    is_portrait: bool
    model_version: str | None = Field(description="Embedder that made the template.")
    width: int | None
    height: int | None
    box: Sequence[float] | None = Field(description="The face: x, y, width, height in px of the kept picture.")
    face_count: int = Field(description="Faces in the picture as it came, bystanders too.")
    quality: ImageQuality
    created_at: UtcDatetime
    updated_at: UtcDatetime


class ReembeddedOut(Out):
    """How it went with one image."""

    image_id: UUID
    done: bool
    code: str | None = Field(None, description="Why not, as in a problem's code.")
    detail: str | None = None


class ReembedOut(Out):
    """How it went with each image of a subject."""

    model_version: str
    items: Sequence[ReembeddedOut]


class FaceCandidateOut(Out):
    """A subject that the face may be."""

    subject_id: UUID
    name: str
    watchlist_id: int | None
    watchlist_name: str | None
    image_id: UUID = Field(description="The closest of its images.")
    picture_url: str | None = Field(
        description="Shows that image for at least 5 minutes without a header; null where you may not see it.",
        examples=["/v1/media?token=AQIDBA"],
    )
    similarity: float = Field(description="Cosine, -1 to 1.")
    is_match: bool = Field(description="Reaches the operating point that the cameras work at.")
    false_match_rate: float | None = Field(
        description="Share of comparisons with strangers that reach this similarity; null where it was not measured."
    )
    false_match_rate_is_bound: bool = Field(description="The true rate is the stated one or lower.")
    false_positive_identification_rate: float | None = Field(
        description="How often a stranger would find anybody this similar in a gallery of this size."
    )


class ProbeOut(Out):
    """The face that was searched. It is not kept."""

    face: int = Field(description="Its number among the faces of the picture, the principal one is 0.")
    faces: int = Field(description="Faces in the picture, bystanders too.")
    box: tuple[float, float, float, float] = Field(description="x, y, width, height in px.")
    quality: float
    eye_distance: float
    warnings: Sequence[str] = Field(description="Weaknesses that make the answer less sure.")


class FaceSearchOut(Out):
    """Ranked candidates, the closest first; none where nobody reached min_similarity."""

    candidates: Sequence[FaceCandidateOut]
    probe: ProbeOut
    min_similarity: float
    gallery_size: int = Field(description="Templates that the face was compared with.")
    model_version: str
