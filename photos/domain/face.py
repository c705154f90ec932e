"""Where the faces are, and where each one's 478 landmarks are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photos.domain.detector import Box, Detection, Detector, without_repeats
from photos.domain.frame import Frame, Points
from photos.domain.network import Network, Tensor
from photos.domain.picture import Picture

DETECTOR_NEAR = "face_detector.tflite"
DETECTOR_FAR = "face_detection_full_range.tflite"
LANDMARKS = "face_landmarks_detector.tflite"
BLENDSHAPES = "face_blendshapes.tflite"
PERSON = "selfie_segmentation.tflite"
MODELS = (DETECTOR_NEAR, DETECTOR_FAR, LANDMARKS, BLENDSHAPES, PERSON)

# Landmark numbers of the face mesh (MediaPipe face landmarker, Apache-2.0). Left and right are
# those of the picture.
PUPIL_LEFT, PUPIL_RIGHT, CHIN = 468, 473, 152
MESH_POINTS = 478
SURFACE_POINTS = 468  # the rest are the two irises

VIEW_SIDE = 256  # the landmark model's input
# The model was trained on faces with a quarter of their size around them: both MediaPipe's box and
# its landmark rectangle are enlarged 1.5 times.
VIEW_MARGIN = 1.5

LOOK_SIDE = 640  # px: enough for the far detector's 192 px input and still cheap
LEAST_SCORE = 0.5  # MediaPipe's own default for both detectors
# Measured: 146 real faces reach 0.9998, a façade that looked like a face got 0.973.
LEAST_PRESENCE = 0.99
SAME_FACE = 0.3  # overlap; MediaPipe's own default for both detectors

# The landmarks that the blendshape model reads, from MediaPipe's face_blendshapes_graph.
BLENDSHAPE_POINTS = (
    *(0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63),
    *(65, 66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132),
    *(133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162),
    *(163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269),
    *(270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314),
    *(317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378),
    *(379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415),
    *(454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477),
)
# Places in the blendshape model's output, which has 52 (MediaPipe's order, that of ARKit's names).
BLINKS = slice(9, 11)  # eyeBlinkLeft and eyeBlinkRight


@dataclass(frozen=True, eq=False)
class Face:
    """A face: landmarks of shape (478, 3) in pixels of the upright picture.

    z grows away from the camera, in the same unit as x and y, from an arbitrary origin.
    `score` is the detector's, `presence` the landmark model's, both 0 to 1.
    """

    points: NDArray[np.float64]
    score: float
    presence: float

    @property
    def eye_left(self) -> Points:
        """The pupil at the left of the picture, x and y."""
        return self.points[PUPIL_LEFT, :2]

    @property
    def eye_right(self) -> Points:
        """The pupil at the right of the picture, x and y."""
        return self.points[PUPIL_RIGHT, :2]

    @property
    def roll(self) -> float:
        """Degrees that the line between the pupils is turned clockwise in the picture."""
        along = self.eye_right - self.eye_left
        return math.degrees(math.atan2(along[1], along[0]))

    @property
    def eye_middle(self) -> Points:
        """The point half-way between the pupils."""
        middle: Points = (self.eye_left + self.eye_right) / 2
        return middle

    @property
    def eye_to_chin(self) -> float:
        """The distance T of ISO/IEC 29794-5, from between the eyes to the chin, in pixels."""
        return float(np.linalg.norm(self.points[CHIN, :2] - self.eye_middle))

    @property
    def box(self) -> Box:
        """Left, top, right, bottom of the landmarks."""
        surface = self.points[:SURFACE_POINTS, :2]
        return np.concatenate([surface.min(axis=0), surface.max(axis=0)])

    @property
    def area(self) -> float:
        """The area of the box in square pixels."""
        return float(np.prod(self.box[2:] - self.box[:2]))


class FaceFinder:
    """Finds faces and landmarks with the models named in `MODELS`, given as their bytes.

    Keep one per process: making it costs more than using it. Not for two threads at a time.
    """

    def __init__(self, models: Mapping[str, bytes]) -> None:
        self._near = Detector(models[DETECTOR_NEAR], 128, ((16, 2), (8, 6)))
        self._far = Detector(models[DETECTOR_FAR], 192, ((48, 1),))
        self._landmarks = Network(models[LANDMARKS])
        self._blendshapes = Network(models[BLENDSHAPES])
        self._person = Network(models[PERSON])

    def find(self, picture: Picture) -> list[Face]:
        """Return every face in the picture, the largest first."""
        faces = [self._look_twice(picture, found) for found in self._detect(picture)]
        sure = [face for face in faces if face.presence >= LEAST_PRESENCE]
        kept = without_repeats(
            [face.box for face in sure], [face.score for face in sure], SAME_FACE
        )
        return sorted((sure[index] for index in kept), key=lambda face: -face.area)

    def look(self, picture: Picture, frame: Frame, score: float) -> Face:
        """Return the landmarks of the face that fills the frame, whether or not there is one."""
        view = picture.view(frame, (VIEW_SIDE, VIEW_SIDE))
        tensor = np.asarray(view, np.float64)[None] / 255
        outputs = self._landmarks.run(tensor)
        points = outputs[0].reshape(MESH_POINTS, 3).astype(np.float64)
        flat = frame.to_picture(points[:, :2], (VIEW_SIDE, VIEW_SIDE))
        deep = points[:, 2:] * frame.width / VIEW_SIDE
        presence = 1 / (1 + math.exp(-float(outputs[1].item())))
        return Face(np.hstack([flat, deep]), score, presence)

    def blendshapes(self, face: Face) -> Tensor:
        """Return how much of each of 52 facial movements there is, each 0 to 1."""
        points = face.points[BLENDSHAPE_POINTS, :2][None]
        return self._blendshapes.run(points)[0]

    def person(self, picture: Picture, frame: Frame) -> Tensor:
        """Return how sure it is that a person, not background, is seen through the frame, 0 to 1.

        Of shape (256, 256), whatever the frame's own proportions.
        """
        view = picture.view(frame, (VIEW_SIDE, VIEW_SIDE))
        return self._person.run(np.asarray(view, np.float64)[None] / 255)[0][0, :, :, 0]

    def _detect(self, picture: Picture) -> list[Detection]:
        """Return the faces that either detector proposes, in pixels of the upright picture.

        The near one sees faces that fill the frame, the far one people in the background.
        """
        small = picture.thumbnail(LOOK_SIDE)
        found = [
            *self._near.detect(small, LEAST_SCORE),
            *self._far.detect(small, LEAST_SCORE),
        ]
        kept = without_repeats([f.box for f in found], [f.score for f in found], SAME_FACE)
        grow = np.divide((picture.width, picture.height), small.size)
        return [
            Detection(f.score, f.centre * grow, f.size * grow, f.eyes * grow)
            for f in (found[index] for index in kept)
        ]

    def _look_twice(self, picture: Picture, found: Detection) -> Face:
        """Look where the detector says, then again levelled by what the first look found."""
        first = self.look(picture, _frame_of_detection(found), found.score)
        return self.look(picture, frame_of_face(first), found.score)


def _frame_of_detection(found: Detection) -> Frame:
    along = found.eyes[1] - found.eyes[0]
    side = VIEW_MARGIN * float(found.size.max())
    angle = math.degrees(math.atan2(along[1], along[0]))
    return Frame(float(found.centre[0]), float(found.centre[1]), side, side, angle)


def frame_of_face(face: Face) -> Frame:
    """Return the level square around a face that the landmark model wants to look at."""
    turned = Frame(0, 0, 1, 1, face.roll)
    level = turned.from_picture(face.points[:SURFACE_POINTS, :2], (1, 1))
    low, high = level.min(axis=0), level.max(axis=0)
    ((x, y),) = turned.to_picture([(low + high) / 2], (1, 1))
    side = VIEW_MARGIN * float((high - low).max())
    return Frame(float(x), float(y), side, side, face.roll)
