"""A model file that is missing or not the pinned one is an error with a way out."""

from pathlib import Path

import pytest

from photos import weights
from photos.advice import sentence
from photos.domain import face
from tests import portraits


def test_the_models_are_the_pinned_ones():
    models = weights.load_models(portraits.models_folder())
    assert tuple(models) == face.MODELS
    assert all(weights.is_pinned(weights.BY_NAME[name], data) for name, data in models.items())


def test_a_missing_file_says_which_command_to_run(tmp_path: Path):
    with pytest.raises(weights.WeightMissing) as caught:
        weights.load_models(tmp_path)
    told = sentence(caught.value.code, caught.value.params)
    assert "face_detector.tflite" in told
    assert str(tmp_path) in told
    assert "python manage.py fetch_models" in told


def test_a_changed_file_is_not_used(tmp_path: Path):
    data = weights.load(portraits.models_folder(), face.DETECTOR_NEAR)
    (tmp_path / face.DETECTOR_NEAR).write_bytes(data[:-1] + b"x")
    with pytest.raises(weights.WeightChanged) as caught:
        weights.load(tmp_path, face.DETECTOR_NEAR)
    assert "fetch_models" in sentence(caught.value.code, caught.value.params)
    (tmp_path / face.DETECTOR_NEAR).write_bytes(data)
    assert weights.load(tmp_path, face.DETECTOR_NEAR) == data


def test_every_file_names_its_licence_and_where_it_lies():
    for weight in weights.WEIGHTS:
        assert weight.licence
        assert weight.inside[-1].endswith(weight.name)
