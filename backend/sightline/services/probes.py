"""From a picture that somebody hands in to the template that is looked for."""

from dataclasses import dataclass

from sightline.core.errors import NoFaceFound
from sightline.domain.arrays import FloatArray
from sightline.domain.views import cut_views, embed_views
from sightline.services.face_images import FaceModels, find_faces, principal_face
from sightline.vision.images import load_image


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A face that is looked for. template (512,) float32 of length 1, of the embedder model_version."""

    template: FloatArray
    model_version: str


def probe_of(picture: bytes, models: FaceModels) -> Probe:
    """The principal face of a picture, seen as recognition sees a shot. Runs for a tenth of a second or more.

    Raises ImageRejected, NoFaceFound.
    """
    image = load_image(picture)
    faces = find_faces(image, models.detector)
    index = principal_face(faces, image)
    if index is None:
        raise NoFaceFound("no face was found in the picture", hint="Use one that shows the face larger and upright.")
    views = cut_views(models.aligner, image, faces.landmarks[index])
    return Probe(embed_views(models.embedder, [views])[0], models.embedder.model_version)
