"""Does a track's fused template do better than its best single frame? An experiment with a known truth.

Tracks are synthesised from portraits and go through the product's own stages; each track's fused
template and its best single shot, by quality, are then compared with the same person's *other*
portraits and with everybody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from uuid_utils.compat import uuid7

from sightline.core.errors import GalleryInvalid, InvalidInput
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.frames import ArrayPixels, Frame
from sightline.domain.operating_points import OperatingCurve, fmr_key
from sightline.domain.ports import FaceEmbedder
from sightline.domain.tracks import FaceCrop
from sightline.domain.views import ENROLMENT_VIEWS, cut_views, embed_views
from sightline.pipeline.best_shot import BestShotStage
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.fusion import fuse
from sightline.pipeline.track import TrackStage
from sightline.services.face_images import FaceModels, OnProgress, ignore_progress, principal_face
from sightline.services.labelled_folder import PICTURE_SUFFIXES, read_labelled_folder
from sightline.vision.images import load_image
from sightline.workers.synthetic_tracks import HEIGHT, WIDTH, Difficulty, synthesise

FRAME_RATE = 5.0


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """How large the study is. tracks: tracks per portrait; frames: frames per track; seed: of all chance."""

    tracks: int = 8
    frames: int = 15
    seed: int = 1


@dataclass(frozen=True, slots=True)
class MethodResult:
    """How well one kind of template tells people apart.

    d_prime: distance of the means over the root of the mean variance (Green & Swets 1966). fnmr, fmr: shares of
    genuine comparisons under, of impostor comparisons over, the threshold of each of the pack's
    operating points, keyed "1e-4" and so on.
    """

    genuine_mean: float
    genuine_std: float
    impostor_mean: float
    impostor_std: float
    d_prime: float
    fnmr: dict[str, float]
    fmr: dict[str, float]


@dataclass(frozen=True, slots=True)
class FusionStudy:
    """What was found. better_share: tracks whose fused template is closer to the person's other portraits on
    average; lost: tracks in which no face was found."""

    subjects: int
    portraits: int
    distractors: int
    tracks: int
    lost: int
    genuine: int
    impostor: int
    shots_per_track: float
    better_share: float
    best_single: MethodResult
    fused: MethodResult


@dataclass(frozen=True, slots=True, eq=False)
class _Portrait:
    subject: str
    image: ImageArray
    landmarks: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _TrackTemplates:
    portrait: int
    shots: int
    single: FloatArray
    fused: FloatArray


def study_fusion(
    people: Path,
    distractors: Path,
    models: FaceModels,
    curve: OperatingCurve,
    options: StudyOptions | None = None,
    on_progress: OnProgress = ignore_progress,
) -> FusionStudy:
    """Run the experiment. people: portraits named NAME-k.jpg; distractors: pictures of other people.

    Raises GalleryInvalid when no person has two portraits with exactly one face.
    """
    options = options or StudyOptions()
    portraits = _portraits(people, models)
    references = _embedded([(one.image, one.landmarks) for one in portraits], models)
    others = _embedded(_distractors(distractors, models), models)
    tracks, lost = [], 0
    for place, portrait in enumerate(portraits):
        for number in range(options.tracks):
            on_progress(place * options.tracks + number, len(portraits) * options.tracks)
            random = np.random.default_rng((options.seed, place, number))
            crops = _shots(portrait, random, models, options.frames)
            if crops:
                tracks.append(_templates(place, crops, models.embedder))
            else:
                lost += 1
    return _judge(portraits, references, others, tracks, lost, curve)


def _portraits(folder: Path, models: FaceModels) -> list[_Portrait]:
    """Pictures with exactly one face, of people with at least two of them.

    A name that continues another one's (NAME-something) may be the same person and is left out.
    """
    listed = read_labelled_folder(folder)
    plain = {name for name in listed.subjects if not any(name.startswith(f"{other}-") for other in listed.subjects)}
    found = []
    for labelled in listed.images:
        if labelled.subject in plain:
            image = load_image(folder / labelled.path)
            faces = models.detector.detect([image])[0]
            if len(faces) == 1:
                found.append(_Portrait(labelled.subject, image, faces.landmarks[0]))
    names = [portrait.subject for portrait in found]
    if not any(names.count(name) > 1 for name in names):
        raise GalleryInvalid(
            f"no person in {folder} has two portraits with exactly one face",
            hint="Add portraits named NAME-1.jpg, NAME-2.jpg and so on.",
        )
    return found


def _distractors(folder: Path, models: FaceModels) -> list[tuple[ImageArray, FloatArray]]:
    """The principal faces of all pictures of a folder that show one."""
    found = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES):
        try:
            image = load_image(path)
        except InvalidInput:
            continue
        faces = models.detector.detect([image])[0]
        index = principal_face(faces, image)
        if index is not None:
            found.append((image, faces.landmarks[index]))
    return found


def _embedded(faces: Sequence[tuple[ImageArray, FloatArray]], models: FaceModels) -> FloatArray:
    if not faces:
        return np.zeros((0, 512), np.float32)
    crops = [cut_views(models.aligner, image, landmarks, ENROLMENT_VIEWS) for image, landmarks in faces]
    return np.concatenate([embed_views(models.embedder, [views]) for views in crops])


def _shots(portrait: _Portrait, random: np.random.Generator, models: FaceModels, count: int) -> list[FaceCrop]:
    """The best shots that the product would take of a synthetic track: those of its longest track."""
    images = synthesise(portrait.image, portrait.landmarks, random, count, Difficulty())
    luma = np.zeros((54, 96), np.uint8)
    frames = [
        Frame("study", number, number / FRAME_RATE, 0.0, WIDTH, HEIGHT, luma, ArrayPixels(image))
        for number, image in enumerate(images)
    ]
    tracked = TrackStage(uuid7).process(DetectStage(models.detector).process(frames))
    crops = BestShotStage(models.aligner, models.quality).process(tracked)
    ids = [crop.track_id for crop in crops]
    return [crop for crop in crops if crop.track_id == max(ids, key=ids.count)]


def _templates(portrait: int, crops: Sequence[FaceCrop], embedder: FaceEmbedder) -> _TrackTemplates:
    embeddings = embed_views(embedder, [crop.aligned for crop in crops])
    qualities = np.array([crop.quality.score for crop in crops], np.float32)
    return _TrackTemplates(portrait, len(crops), embeddings[int(np.argmax(qualities))], fuse(embeddings, qualities))


def _judge(
    portraits: Sequence[_Portrait],
    references: FloatArray,
    others: FloatArray,
    tracks: Sequence[_TrackTemplates],
    lost: int,
    curve: OperatingCurve,
) -> FusionStudy:
    subjects = np.array([portrait.subject for portrait in portraits])
    sources = np.array([track.portrait for track in tracks], dtype=np.intp)
    same = subjects[sources][:, None] == subjects[None]
    genuine = same & (sources[:, None] != np.arange(len(portraits))[None])
    results, means = [], []
    for templates in (np.stack([track.single for track in tracks]), np.stack([track.fused for track in tracks])):
        similarities, foreign = templates @ references.T, templates @ others.T
        impostors = np.concatenate((similarities[~same], foreign.ravel()))
        results.append(_result(similarities[genuine], impostors, curve))
        has_other = genuine.any(axis=1)
        means.append(np.where(genuine, similarities, 0).sum(axis=1)[has_other] / genuine.sum(axis=1)[has_other])
    return FusionStudy(
        subjects=len(set(subjects)),
        portraits=len(portraits),
        distractors=len(others),
        tracks=len(tracks),
        lost=lost,
        genuine=int(genuine.sum()),
        impostor=int((~same).sum()) + len(tracks) * len(others),
        shots_per_track=float(np.mean([track.shots for track in tracks])),
        better_share=float(np.mean(means[1] > means[0])),
        best_single=results[0],
        fused=results[1],
    )


def _result(genuine: FloatArray, impostor: FloatArray, curve: OperatingCurve) -> MethodResult:
    spread = float(np.sqrt((genuine.var() + impostor.var()) / 2))
    points = {fmr_key(point.fmr): point.min_similarity for point in curve.measured if point.min_similarity is not None}
    return MethodResult(
        genuine_mean=float(genuine.mean()),
        genuine_std=float(genuine.std()),
        impostor_mean=float(impostor.mean()),
        impostor_std=float(impostor.std()),
        d_prime=float(genuine.mean() - impostor.mean()) / spread,
        fnmr={key: float((genuine < threshold).mean()) for key, threshold in points.items()},
        fmr={key: float((impostor >= threshold).mean()) for key, threshold in points.items()},
    )
