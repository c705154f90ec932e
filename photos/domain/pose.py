"""Which way a head is turned, from where its landmarks lie in space."""

import math

import numpy as np
from numpy.typing import NDArray

# Landmarks that hardly move with the expression, their places on the canonical face (x to the
# picture's right, y up, z towards the camera; about a centimetre each) and their weights: the
# Procrustes basis in geometry_pipeline_metadata_landmarks.binarypb, part of MediaPipe's
# face_landmarker.task (Apache-2.0), rounded. Rows of MIDDLE are (landmark, y, z, weight), of PAIRS
# (picture-left landmark, picture-right landmark, x of the right one, y, z, weight).
MIDDLE = (
    (4, -0.463, 7.587, 0.0709),
    (6, 2.473, 5.789, 0.0321),
    (10, 8.262, 4.482, 0.0084),
)
PAIRS = (
    (33, 263, 4.446, 2.664, 3.173, 0.0587),
    (54, 284, 6.279, 6.615, 1.426, 0.0077),
    (67, 297, 3.524, 8.006, 3.729, 0.0091),
    (117, 346, 5.259, 0.946, 2.974, 0.0098),
    (119, 348, 3.301, 0.862, 3.873, 0.0146),
    (121, 350, 1.821, 1.468, 4.224, 0.0186),
    (127, 356, 7.743, 2.365, -2.005, 0.0052),
    (129, 358, 1.786, -0.978, 4.850, 0.1206),
    (132, 361, 7.271, -2.891, -2.252, 0.0056),
    (133, 362, 1.856, 2.585, 3.758, 0.0533),
    (136, 365, 5.085, -7.179, 0.715, 0.0669),
    (143, 372, 6.408, 2.236, 1.561, 0.0148),
    (147, 376, 6.235, -1.944, 1.664, 0.0143),
    (198, 420, 1.247, 0.230, 5.681, 0.0255),
    (205, 425, 3.833, -1.537, 4.138, 0.0473),
)
LANDMARKS = np.array(
    [row[0] for row in MIDDLE] + [row[0] for row in PAIRS] + [row[1] for row in PAIRS]
)
CANONICAL = np.array(
    [(0.0, y, z) for _, y, z, _ in MIDDLE]
    + [(-x, y, z) for _, _, x, y, z, _ in PAIRS]
    + [(x, y, z) for _, _, x, y, z, _ in PAIRS]
)
WEIGHTS = np.array([row[-1] for row in (*MIDDLE, *PAIRS, *PAIRS)])

# Measured: the median over 21 portraits that a person called frontal is this much above zero.
PITCH_BIAS = 6.0


def yaw_and_pitch(points: NDArray[np.float64]) -> tuple[float, float]:
    """Return yaw and pitch in degrees from landmarks of shape (478, 3), x right, y down, z away.

    Yaw is positive for a face turned to the right of the picture (its own left), pitch for a face
    looking down: the directions of ISO/IEC 39794-5.
    """
    seen = points[LANDMARKS] * (1, -1, -1)
    ahead = _rotation(CANONICAL, seen, WEIGHTS)[:, 2]
    yaw = math.degrees(math.atan2(ahead[0], ahead[2]))
    pitch = -math.degrees(math.asin(max(-1.0, min(1.0, ahead[1]))))
    return yaw, pitch - PITCH_BIAS


def _rotation(
    model: NDArray[np.float64], seen: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the rotation that best lays the model on what is seen (weighted Kabsch, 1976)."""
    share = (weights / weights.sum())[:, None]
    model_centred = model - (model * share).sum(axis=0)
    seen_centred = seen - (seen * share).sum(axis=0)
    u, _, vt = np.linalg.svd((seen_centred * share).T @ model_centred)
    mirror = np.diag([1.0, 1.0, np.linalg.det(u @ vt)])
    rotation: NDArray[np.float64] = u @ mirror @ vt
    return rotation
