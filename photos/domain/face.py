"""Where the faces are, and where each one's 478 landmarks are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photos.domain.detector import Box, Detection, Detector, without_repeats
from photos.domain.frame import Frame, Points
from photos.domain.network import Network, Tensor
from photos.domain.picture import Picture

DETECTOR_NEAR = "face_detector.tflite"
DETECTOR_BACK = "face_detection_back.tflite"
DETECTOR_FULL = "face_detection_full_range.tflite"
LANDMARKS = "face_landmarks_detector.tflite"
IRIS = "iris_landmark.tflite"
BLENDSHAPES = "face_blendshapes.tflite"
PERSON = "selfie_segmentation.tflite"
MODELS = (DETECTOR_NEAR, DETECTOR_BACK, DETECTOR_FULL, LANDMARKS, IRIS, BLENDSHAPES, PERSON)

# Landmark numbers of the face mesh (MediaPipe face landmarker, Apache-2.0). Left and right are
# those of the picture.
PUPIL_LEFT, PUPIL_RIGHT, CHIN = 468, 473, 152
MESH_POINTS = 478
SURFACE_POINTS = 468  # the rest are the two irises

VIEW = (256, 256)  # the landmark model's input
IRIS_VIEW = (64, 64)  # the iris model's

# The first look takes MediaPipe's own margin around a detector's box. The second look is closer
# than MediaPipe's 1.5: measured, a margin of 1.3 puts the eyes nearest the marks and the edges of
# the irises (1.2 to 1.5 tried), and moves no other landmark's spread.
BOX_MARGIN = 1.5
FACE_MARGIN = 1.3
# MediaPipe's own margin around the corners of an eye.
EYE_MARGIN = 2.3

# A detector may propose on a slight suspicion (MediaPipe's default is 0.5), for small faces in the
# background, since the landmark model, at MediaPipe's default, and the second opinion refuse.
LEAST_SCORE = 0.3
LEAST_PRESENCE = 0.5
# Unless both are as sure as this a second opinion is needed. Measured: five walls and façades came
# as far as one or the other, none as far as both.
SURE_SCORE = 0.8
SURE_PRESENCE = 0.999
# Measured in close-ups twice as wide as the landmark model's view: 229 faces reach 0.45 and more,
# walls and façades 0.17 and less, façades drawn to look like faces 0.43 (nine in ten of 61).
LEAST_SECOND_OPINION = 0.4
CLOSE_UP = 2.0
# Share of the smaller box. Measured: two faces share 0.06 and less, two boxes of one 0.98 and more.
SAME_FACE = 0.5

# For each iris: the corners of its eye, its landmarks with the pupil first, and whether the iris
# model, made for the eye at the left of the picture, sees it mirrored.
IRISES = (((33, 133), slice(468, 473), False), ((362, 263), slice(473, 478), True))

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

    z grows away from the camera, in the same unit as x and y, from an arbitrary origin. The pupils
    are the mean of what the landmark model and the iris model say. Measured along the line between
    them against the edges of 62 irises, the mean is 0.51 % of their distance off, alone the models
    are 0.77 and 0.69 % off.
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

    def surrounds(self, point: Points) -> bool:
        """Say whether a point lies in the box."""
        return bool((self.box[:2] <= point).all() and (point <= self.box[2:]).all())


class FaceFinder:
    """Finds faces and landmarks with the models named in `MODELS`, given as their bytes.

    Keep one per process: making it costs more than using it. Not for two threads at a time.
    """

    def __init__(self, models: Mapping[str, bytes]) -> None:
        self._near = Detector(models[DETECTOR_NEAR], 128, ((16, 2), (8, 6)))
        self._back = Detector(models[DETECTOR_BACK], 256, ((16, 2), (8, 6)))
        self._full = Detector(models[DETECTOR_FULL], 192, ((48, 1),))
        self._landmarks = Network(models[LANDMARKS])
        self._iris = Network(models[IRIS])
        self._blendshapes = Network(models[BLENDSHAPES])
        self._person = Network(models[PERSON])

    def find(self, picture: Picture) -> list[Face]:
        """Return every face in the picture, the largest first."""
        seen = [self._look_twice(picture, found) for found in self._detect(picture)]
        kept = without_repeats([f.box for f in seen], [f.score for f in seen], SAME_FACE)
        sure = [seen[index] for index in kept if self._is_sure(picture, seen[index])]
        faces = [self._with_irises(picture, face) for face in sure]
        return sorted(faces, key=lambda face: -face.area)

    def look(self, picture: Picture, frame: Frame, score: float) -> Face:
        """Return the landmarks of the face that fills the frame, whether or not there is one."""
        return self._with_irises(picture, self._look(picture, frame, score))

    def blendshapes(self, face: Face) -> Tensor:
        """Return how much of each of 52 facial movements there is, each 0 to 1."""
        points = face.points[BLENDSHAPE_POINTS, :2][None].astype(np.float32)
        return self._blendshapes.run(points)[0]

    def person(self, picture: Picture, frame: Frame) -> Tensor:
        """Return how sure it is that a person, not background, is seen through the frame, 0 to 1.

        Of shape (256, 256), whatever the frame's own proportions.
        """
        return self._person.see(picture.view(frame, VIEW))[0][0, :, :, 0]

    def _detect(self, picture: Picture) -> list[Detection]:
        """Return the faces that either detector proposes, in pixels of the upright picture.

        The near one sees faces that fill the picture, that for back cameras people behind them.
        """
        side = max(picture.width, picture.height)
        whole = Frame(picture.width / 2, picture.height / 2, side, side)
        found = [
            *self._near.detect(picture, whole, LEAST_SCORE),
            *self._back.detect(picture, whole, LEAST_SCORE),
        ]
        kept = without_repeats([f.box for f in found], [f.score for f in found], SAME_FACE)
        return [found[index] for index in kept]

    def _look_twice(self, picture: Picture, found: Detection) -> Face:
        """Look where the detector says, then again levelled by what the first look found."""
        first = self._look(picture, _frame_of_detection(found), found.score)
        second = self._look(picture, frame_of_face(first), found.score)
        return second if second.presence >= LEAST_PRESENCE else first

    def _look(self, picture: Picture, frame: Frame, score: float) -> Face:
        outputs = self._landmarks.see(picture.view(frame, VIEW))
        points = outputs[0].reshape(MESH_POINTS, 3).astype(np.float64)
        flat = frame.to_picture(points[:, :2], VIEW)
        deep = points[:, 2:] * frame.width / VIEW[0]
        presence = 1 / (1 + math.exp(-float(outputs[1].item())))
        return Face(np.hstack([flat, deep]), score, presence)

    def _is_sure(self, picture: Picture, face: Face) -> bool:
        """Say whether it is a face, if need be by another detector's opinion on a close-up."""
        if face.presence < LEAST_PRESENCE:
            return False
        if face.presence >= SURE_PRESENCE and face.score >= SURE_SCORE:
            return True
        frame = frame_of_face(face)
        close_up = replace(frame, width=CLOSE_UP * frame.width, height=CLOSE_UP * frame.height)
        seen = self._full.detect(picture, close_up, LEAST_SECOND_OPINION)
        return any(face.surrounds(found.centre) for found in seen)

    def _with_irises(self, picture: Picture, face: Face) -> Face:
        """Move each iris to the mean of where the landmark model and the iris model see it."""
        points = face.points.copy()
        for corners, iris, mirrored in IRISES:
            frame = _frame_of_eye(face, corners)
            view = picture.view(frame, IRIS_VIEW)
            view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else view
            centre = self._iris.see(view)[1][0, :2].astype(np.float64)
            if mirrored:
                centre[0] = IRIS_VIEW[0] - centre[0]
            (seen,) = frame.to_picture([centre], IRIS_VIEW)
            points[iris, :2] += (seen - points[iris.start, :2]) / 2
        return replace(face, points=points)


def _frame_of_detection(found: Detection) -> Frame:
    along = found.eyes[1] - found.eyes[0]
    side = BOX_MARGIN * found.size
    angle = math.degrees(math.atan2(along[1], along[0]))
    return Frame(float(found.centre[0]), float(found.centre[1]), side, side, angle)


def frame_of_face(face: Face) -> Frame:
    """Return the level square around a face that the landmark model wants to look at."""
    turned = Frame(0, 0, 1, 1, face.roll)
    level = turned.from_picture(face.points[:SURFACE_POINTS, :2], (1, 1))
    low, high = level.min(axis=0), level.max(axis=0)
    ((x, y),) = turned.to_picture([(low + high) / 2], (1, 1))
    side = FACE_MARGIN * float((high - low).max())
    return Frame(float(x), float(y), side, side, face.roll)


def _frame_of_eye(face: Face, corners: tuple[int, int]) -> Frame:
    """Return the level square around an eye that the iris model wants to look at."""
    one, other = face.points[corners, :2]
    x, y = map(float, (one + other) / 2)
    side = EYE_MARGIN * float(np.linalg.norm(other - one))
    return Frame(x, y, side, side, face.roll)
