"""The inverse of each decoder: what a perfect model would give for known faces (one picture per batch)."""

from collections.abc import Iterator

import numpy as np

from sightline.domain.faces import Faces
from sightline.vision.preprocess import Size

CANVAS = Size(160, 96)
STRIDES = (8, 16, 32)


def face(cx: float, cy: float, width: float, height: float, score: float) -> Faces:
    """One face with landmarks where faces have them."""
    fractions = np.asarray(((0.3, 0.35), (0.7, 0.34), (0.5, 0.55), (0.35, 0.75), (0.66, 0.76)))
    sides = np.asarray((width, height))
    corner = np.asarray((cx, cy)) - sides / 2
    return Faces(
        np.asarray([np.concatenate((corner, corner + sides))], np.float32),
        (corner + fractions * sides)[None].astype(np.float32),
        np.asarray([score], np.float32),
    )


def _parts(faces: Faces) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    for box, landmarks, score in zip(faces.boxes, faces.landmarks, faces.scores, strict=True):
        yield (box[:2] + box[2:]) / 2, box[2:] - box[:2], landmarks, float(score)


def centerface(faces: Faces, canvas: Size = CANVAS) -> list[np.ndarray]:
    rows, columns = canvas.height // 4, canvas.width // 4
    heat, sizes, offsets, points = (np.zeros((1, n, rows, columns), np.float32) for n in (1, 2, 2, 10))
    for centre, sides, landmarks, score in _parts(faces):
        column, row = (int(value // 4) for value in centre)
        heat[0, 0, row, column] = score
        sizes[0, :, row, column] = np.log(sides[::-1] / 4)
        offsets[0, :, row, column] = (centre[1] / 4 - row - 0.5, centre[0] / 4 - column - 0.5)
        relative = (landmarks - (centre - sides / 2)) / sides
        points[0, :, row, column] = relative[:, ::-1].ravel()
    return [heat, sizes, offsets, points]


def yunet(faces: Faces, canvas: Size = CANVAS, stride: int = 8) -> list[np.ndarray]:
    """Outputs in the order of the export: cls, obj, bbox, kps, each for strides 8, 16, 32."""
    groups: dict[str, list[np.ndarray]] = {"cls": [], "obj": [], "bbox": [], "kps": []}
    for one in STRIDES:
        columns, rows = canvas.width // one, canvas.height // one
        classes, objects, boxes, points = (np.zeros((1, rows * columns, n), np.float32) for n in (1, 1, 4, 10))
        for centre, sides, landmarks, score in _parts(faces) if one == stride else ():
            column, row = (int(value // one) for value in centre)
            cell = row * columns + column
            classes[0, cell], objects[0, cell] = score, score
            boxes[0, cell] = [*(centre / one - (column, row)), *np.log(sides / one)]
            points[0, cell] = (landmarks / one - (column, row)).ravel()
        for name, output in zip(groups, (classes, objects, boxes, points), strict=True):
            groups[name].append(output)
    return [output for outputs in groups.values() for output in outputs]


def scrfd(faces: Faces, canvas: Size = CANVAS, stride: int = 16, anchor: int = 1) -> list[np.ndarray]:
    """Outputs in InsightFace's order and shapes: scores, boxes, landmarks, each (cells·2, k), no batch dimension."""
    scores, boxes, points = [], [], []
    for one in STRIDES:
        columns, rows = canvas.width // one, canvas.height // one
        score_map, box_map, point_map = (np.zeros((rows * columns * 2, n), np.float32) for n in (1, 4, 10))
        for centre, sides, landmarks, score in _parts(faces) if one == stride else ():
            column, row = (int(value // one) for value in centre)
            cell, corner = (row * columns + column) * 2 + anchor, np.asarray((column, row)) * one
            score_map[cell] = score
            low, high = centre - sides / 2, centre + sides / 2
            box_map[cell] = np.concatenate((corner - low, high - corner)) / one
            point_map[cell] = ((landmarks - corner) / one).ravel()
        scores.append(score_map)
        boxes.append(box_map)
        points.append(point_map)
    return [*scores, *boxes, *points]


def yolov8(faces: Faces, anchors: int = 40) -> list[np.ndarray]:
    output = np.zeros((1, 20, anchors), np.float32)
    for index, (centre, sides, landmarks, score) in enumerate(_parts(faces)):
        visible = np.concatenate((landmarks, np.ones((5, 1))), axis=1)
        output[0, :, index * 3] = [*centre, *sides, score, *visible.ravel()]
    return [output]
