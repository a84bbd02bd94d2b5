"""Five-point alignment: faces are warped so that their landmarks lie on the ArcFace template."""

import cv2
import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray, require_shape

CROP_SIZE = 112
"""px, width and height of an aligned face."""

ARCFACE_TEMPLATE: FloatArray = np.asarray(
    (
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ),
    np.float32,
)
"""Where right eye, left eye, nose, right and left mouth corner lie in a 112×112 crop (5, 2) px
(InsightFace, arcface_dst; the template that ArcFace-style embedders are trained on)."""

MIN_BILINEAR_SCALE = 0.5
"""Crop px per picture px down to which bilinear sampling sees every pixel."""

_CROP_CORNERS: FloatArray = np.asarray(((0, 0), (CROP_SIZE, 0), (0, CROP_SIZE), (CROP_SIZE, CROP_SIZE)), np.float32)


def similarity_transforms(sources: FloatArray, target: FloatArray = ARCFACE_TEMPLATE) -> FloatArray:
    """Least-squares similarity transforms (Umeyama 1991, without reflection), all at once.

    sources (n, k, 2), target (k, 2) -> (n, 2, 3) float32 with target ≈ A·source + t. In the plane a
    similarity is one complex factor, so the closed form needs no SVD. Points that all coincide
    give a transform to the target's centre.
    """
    require_shape("sources", sources, (None, target.shape[0], 2))
    points = sources[..., 0].astype(np.float64) + 1j * sources[..., 1]
    goal = target[:, 0].astype(np.float64) + 1j * target[:, 1]
    means = points.mean(axis=1, keepdims=True)
    centred = points - means
    spread = (np.abs(centred) ** 2).sum(axis=1)
    factor = (centred.conj() * (goal - goal.mean())).sum(axis=1) / np.where(spread > 0, spread, 1.0)
    shift = goal.mean() - factor * means[:, 0]
    rows = ((factor.real, -factor.imag, shift.real), (factor.imag, factor.real, shift.imag))
    return np.moveaxis(np.asarray(rows, dtype=np.float32), 2, 0)


def transform_points(points: FloatArray, transforms: FloatArray) -> FloatArray:
    """Apply one transform per row. points (n, k, 2), transforms (n, 2, 3) -> (n, k, 2) float32."""
    moved = points @ transforms[:, :, :2].transpose(0, 2, 1) + transforms[:, None, :, 2]
    return np.asarray(moved, dtype=np.float32)


class ArcFaceAligner:
    """Warps faces onto the ArcFace template by a similarity transform (implements FaceAligner)."""

    def align(self, image: ImageArray, landmarks: FloatArray) -> ImageArray:
        """Warp faces. image (H, W, 3) uint8 BGR; landmarks (n, 5, 2) px -> (n, 112, 112, 3) uint8 BGR.

        What lies outside the picture is black.
        """
        crops = np.empty((len(landmarks), CROP_SIZE, CROP_SIZE, 3), np.uint8)
        for crop, transform in zip(crops, similarity_transforms(landmarks), strict=True):
            source, to_crop = _shrink_large_face(image, transform)
            cv2.warpAffine(source, to_crop, (CROP_SIZE, CROP_SIZE), dst=crop, flags=cv2.INTER_LINEAR)
        return crops


def _shrink_large_face(image: ImageArray, transform: FloatArray) -> tuple[ImageArray, FloatArray]:
    """Cut out and shrink by area a face that the warp would shrink to less than half, with the transform from there.

    Bilinear sampling skips pixels beyond that and aliases: over 38 genuine pairs of portraits the
    lowest similarity rose from 0.545 to 0.590 (CenterFace), the mean from 0.824 to 0.831.
    """
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    if not 0 < scale < MIN_BILINEAR_SCALE:
        return image, transform
    inverse = cv2.invertAffineTransform(transform)
    corners = transform_points(_CROP_CORNERS[None], np.asarray(inverse, np.float32)[None])[0]
    limits = (image.shape[1], image.shape[0])
    left, top = (int(value) for value in np.clip(np.floor(corners.min(axis=0)), 0, limits))
    right, bottom = (int(value) for value in np.clip(np.ceil(corners.max(axis=0)), 0, limits))
    width, height = (round(side * scale / MIN_BILINEAR_SCALE) for side in (right - left, bottom - top))
    if width < 1 or height < 1:
        return image, transform
    small = cv2.resize(image[top:bottom, left:right], (width, height), interpolation=cv2.INTER_AREA)
    back = np.asarray(((right - left) / width, (bottom - top) / height), np.float32)
    # Pixel centres: x of the cut-out = back · (x of the small picture + 0.5) - 0.5 + left.
    origin = np.asarray((left, top), np.float32) + (back - 1) / 2
    shift = transform[:, :2] @ origin + transform[:, 2]
    to_crop = np.concatenate((transform[:, :2] * back, shift[:, None]), axis=1)
    return np.asarray(small, np.uint8), to_crop
