"""The motion gate: spares the detector still scenes without missing a face that enters."""

from dataclasses import dataclass

import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.frames import Frame

WINDOW = 3
"""Side of the windows in which change is looked for, px of the luma copy: a face of 20 px in a picture
640 px wide is 3 px wide in a luma copy of 96 px, so a larger window would dilute it."""

NOISE_FALL, NOISE_RISE = 0.5, 0.02
"""Shares of the way that the noise estimate goes per frame: quickly down, slowly up (10 s at 5 frames per
second), so that people who pass are not taken for noise."""

NOISE_CEILING = 4.0
"""Grey levels: the average over a luma pixel leaves no camera more sensor noise than this."""


@dataclass(frozen=True, slots=True)
class GateRules:
    """When the gate opens.

    min_change: grey levels (0 to 255) that a window must change by on average, at least; block pulses
    of H.264 at key frames stay below it. noise_factor: the same as a multiple of the camera's own noise.
    refresh_after: seconds of media time after which a frame is analysed in any case;
    refresh_busy_after: the same while faces were in view at the last analysis.
    """

    min_change: float = 4.0
    noise_factor: float = 3.0
    refresh_after: float = 2.0
    refresh_busy_after: float = 1.0


@dataclass(slots=True)
class _CameraState:
    reference: ImageArray
    previous: ImageArray
    analysed_at: float
    noise: float | None = None


class MotionGate:
    """Decides per frame whether detection may be skipped, from its luma copy alone.

    A frame is compared with the last *analysed* frame of its camera, so that slow motion adds up until
    it is seen. The first frame of a camera and any discontinuity open the gate.
    """

    def __init__(self, rules: GateRules | None = None) -> None:
        self._rules = rules or GateRules()
        self._cameras: dict[str, _CameraState] = {}

    def opens(self, frame: Frame, *, busy: bool = False) -> bool:
        """Whether this frame is to be analysed. busy: the last analysed frame of the camera showed faces."""
        state = self._cameras.get(frame.camera_id)
        if state is None or frame.discontinuity or state.reference.shape != frame.luma.shape:
            self._cameras[frame.camera_id] = _CameraState(frame.luma, frame.luma, frame.media_time)
            return True
        self._learn_noise(state, frame.luma)
        if not (self._is_due(state, frame.media_time, busy=busy) or self._moved(state, frame.luma)):
            return False
        state.reference, state.analysed_at = frame.luma, frame.media_time
        return True

    def forget(self, camera_id: str) -> None:
        """Drop what is known of a camera."""
        self._cameras.pop(camera_id, None)

    def _is_due(self, state: _CameraState, media_time: float, *, busy: bool) -> bool:
        pause = self._rules.refresh_busy_after if busy else self._rules.refresh_after
        elapsed = media_time - state.analysed_at
        return elapsed < 0 or elapsed >= pause - 1e-6

    def _moved(self, state: _CameraState, luma: ImageArray) -> bool:
        threshold = max(self._rules.min_change, self._rules.noise_factor * (state.noise or 0.0))
        return bool(local_change(state.reference, luma).max() >= threshold)

    @staticmethod
    def _learn_noise(state: _CameraState, luma: ImageArray) -> None:
        """Half of a picture is still nearly always, so the median change from frame to frame is noise."""
        seen = min(float(np.median(local_change(state.previous, luma))), NOISE_CEILING)
        known = seen if state.noise is None else state.noise
        state.noise = known + (NOISE_RISE if seen > known else NOISE_FALL) * (seen - known)
        state.previous = luma


def local_change(before: ImageArray, after: ImageArray) -> FloatArray:
    """Mean absolute difference in every window. before, after (h, w) uint8 -> (h - 2, w - 2) float32.

    Unit: grey levels. Pictures smaller than a window are one window.
    """
    difference = np.abs(after.astype(np.float32) - before.astype(np.float32))
    height, width = difference.shape
    if height < WINDOW or width < WINDOW:
        return np.full((1, 1), difference.mean(), np.float32)
    rows, columns = height - WINDOW + 1, width - WINDOW + 1
    down = np.add.reduce([difference[row : row + rows] for row in range(WINDOW)])
    across = np.add.reduce([down[:, column : column + columns] for column in range(WINDOW)])
    return np.asarray(across / (WINDOW * WINDOW), np.float32)
