"""A kept picture is judged once, at once or later, and what was found is kept with it."""

import io
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from enrolment.audit.models import Entry
from enrolment.people.models import Rule
from photos import storage, tasks
from photos.models import Capture
from photos.profiles import load_profile
from photos.queries.readings import judgement
from photos.services import assess
from photos.services.assess import ASSESSOR, assess_capture, judged_now, ring_for_waiting
from photos.weights import WeightError
from photos.worker import Worker
from tests import photo_builders, portraits

pytestmark = pytest.mark.django_db


def received(data: bytes) -> Capture:
    return photo_builders.received(photo_builders.checked_in(), data)


def assessed(data: bytes) -> Capture:
    return assess_capture(actor=ASSESSOR, capture_id=received(data).pk)


def test_a_good_picture_passes_and_its_card_is_kept():
    capture = assessed(portraits.good())
    assert (capture.verdict, capture.refusal) == ("pass", {})
    assert capture.assessed_at is not None
    card = Image.open(io.BytesIO(storage.read(capture.card_stored_as)))
    assert (card.format, card.size) == ("JPEG", (413, 531))


def test_every_finding_is_kept_in_its_order_with_value_limit_and_source():
    capture = assessed(portraits.good())
    expected = portraits.judged(portraits.good()).findings
    kept = list(capture.findings.all())
    assert [found.component for found in kept] == [found.component for found in expected]
    assert [found.value for found in kept] == [found.value for found in expected]
    assert all(found.limit and found.source for found in kept)
    assert [found.position for found in kept] == list(range(len(expected)))


def test_where_the_face_is_is_kept():
    capture = assessed(portraits.good())
    expected = portraits.judged(portraits.good())
    assert capture.geometry["faces"] == 1
    assert capture.geometry["size"] == [expected.width, expected.height]
    assert tuple(capture.geometry["eye_left"]) == expected.eye_left
    assert capture.geometry["crop"]["height"] == expected.crop.height


def test_a_bad_picture_fails_and_says_what_to_do():
    capture = assessed(portraits.bad("dark"))
    assert capture.verdict == "fail"
    told = judgement(capture)
    assert 1 <= len(told.advices) <= 2
    assert told.noted[0].answer == "fail"
    assert not told.acceptable


def test_a_picture_of_nobody_fails_with_one_thing_to_do():
    told = judgement(assessed(photo_builders.jpeg((800, 1000))))
    assert [reading.answer for reading in told.noted] == ["fail"]
    assert len(told.advices) == 1
    assert not told.capture.card_stored_as


def test_a_picture_that_cannot_be_read_is_kept_with_the_refusal():
    cut = portraits.cut_with_end_pasted(portraits.good())
    capture = assessed(cut)
    assert (capture.verdict, capture.refusal["code"]) == ("fail", "broken")
    assert storage.read(capture.stored_as) == cut
    assert (capture.card_stored_as, capture.findings.count()) == ("", 0)
    told = judgement(capture)
    assert len(told.advices) == 1
    assert not told.acceptable


def test_judging_twice_is_once():
    capture = assessed(portraits.good())
    again = assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    assert (again.assessed_at, again.card_stored_as) == (
        capture.assessed_at,
        capture.card_stored_as,
    )
    entries = Entry.objects.filter(action="photos.assess_capture")
    assert [entry.details["verdict"] for entry in entries] == ["pass"]


def test_whoever_is_overtaken_keeps_what_the_quicker_one_found(monkeypatch, settings):
    capture = received(portraits.good())
    judge = assess.judge_in_worker

    def overtaken(*args, **more):
        monkeypatch.setattr(assess, "judge_in_worker", judge)
        assess_capture(actor=ASSESSOR, capture_id=capture.pk)
        return judge(*args, **more)

    monkeypatch.setattr(assess, "judge_in_worker", overtaken)
    slower = assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    capture.refresh_from_db()
    assert slower.card_stored_as == capture.card_stored_as != ""
    files = {path.name for path in Path(settings.PHOTO_DIR).rglob("*") if path.is_file()}
    assert files == {Path(capture.stored_as).name, Path(capture.card_stored_as).name}
    assert Entry.objects.filter(action="photos.assess_capture").count() == 1


def overridden(booking, value: object, **more) -> None:
    federation = booking.visit.unit.municipality.federation
    told = {"federation": federation, "key": "photo_limits", "valid_from": "2026-01-01"}
    Rule.objects.create(value=value, **told | more)


def limit(name: str, **bounds) -> dict:
    sourced = {"source": "Styrelsen § 12", "date": "2026-01-01"}
    return {"limits": {name: bounds | sourced}}


def test_a_federation_changes_a_limit_and_the_finding_says_where_it_comes_from():
    booking = photo_builders.checked_in()
    overridden(booking, limit("sharpness", pass_min=90, warn_min=80))
    capture = photo_builders.received(booking, portraits.good())
    assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    capture.refresh_from_db()
    finding = capture.findings.get(component="sharpness")
    assert (capture.verdict, capture.decided_by) == ("fail", "sharpness")
    assert (finding.limit, finding.source) == ("≥ 90", "Styrelsen § 12")


def test_a_trial_lies_on_top_of_the_federations_limit_and_leaves_the_others():
    booking = photo_builders.checked_in()
    overridden(booking, limit("sharpness", pass_min=90, warn_min=80))
    overridden(booking, limit("file_size", pass_max=400), valid_from="2026-02-01")
    municipality = booking.visit.unit.municipality
    overridden(booking, limit("file_size", pass_max=1), municipality=municipality)
    capture = photo_builders.received(booking, portraits.good())
    assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    limits = dict(capture.findings.values_list("component", "limit"))
    assert limits["image file"] == "≤ 1"
    assert limits["sharpness"] == f"≥ {load_profile().limits['sharpness'].pass_min:g}"


def test_a_picture_is_judged_by_what_applied_when_it_came():
    booking = photo_builders.checked_in()
    overridden(booking, limit("file_size", pass_max=400))
    capture = photo_builders.received(booking, portraits.good())
    Rule.objects.all().delete()
    assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    assert capture.findings.get(component="image file").limit == "≤ 400"


def test_rules_that_do_not_add_up_leave_the_picture_waiting(caplog):
    booking = photo_builders.checked_in()
    overridden(booking, limit("file_size", warn_max=3))
    capture = photo_builders.received(booking, portraits.good())
    assert not judged_now(actor=ASSESSOR, capture_id=capture.pk)
    assert "limits.file_size: bounds out of order" in caplog.text
    capture.refresh_from_db()
    assert (capture.assessed_at, capture.verdict) == (None, "")


def test_on_a_swamped_machine_the_picture_waits_and_is_judged_later(monkeypatch):
    capture, worker = received(portraits.good()), Worker(portraits.models_folder(), seconds=1.0)
    worker.judge(portraits.bad("no_face"), load_profile())
    os.kill(worker.pid, signal.SIGSTOP)
    with monkeypatch.context() as busy:
        busy.setattr(assess, "judge_in_worker", lambda *given, **_more: worker.judge(*given))
        assert not judged_now(actor=ASSESSOR, capture_id=capture.pk)
    capture.refresh_from_db()
    assert (capture.assessed_at, capture.verdict) == (None, "")
    assert judged_now(actor=ASSESSOR, capture_id=capture.pk)


def test_without_the_models_the_picture_waits_and_is_judged_later(settings, tmp_path, caplog):
    capture = received(portraits.good())
    models, settings.FOTORUNDAN_MODELS = settings.FOTORUNDAN_MODELS, tmp_path / "none"
    assert not judged_now(actor=ASSESSOR, capture_id=capture.pk)
    assert str(capture.pk) in caplog.text
    with pytest.raises(WeightError):
        tasks.assess(str(capture.pk))
    capture.refresh_from_db()
    assert (capture.assessed_at, capture.verdict) == (None, "")
    settings.FOTORUNDAN_MODELS = models
    tasks.assess(str(capture.pk))
    capture.refresh_from_db()
    assert capture.verdict == "pass"


def test_a_disk_that_is_full_for_the_card_leaves_the_picture_waiting(monkeypatch):
    capture = received(portraits.good())

    def full(*args: object) -> None:
        raise storage.DiskFull

    with monkeypatch.context() as broken:
        broken.setattr(storage, "prepared", full)
        assert not judged_now(actor=ASSESSOR, capture_id=capture.pk)
    capture.refresh_from_db()
    assert (capture.verdict, capture.findings.count()) == ("", 0)
    assert judged_now(actor=ASSESSOR, capture_id=capture.pk)


def test_the_sweeper_judges_what_was_left_behind_and_nothing_else(
    settings, django_capture_on_commit_callbacks
):
    settings.JOBS_INLINE = True
    visit = photo_builders.checked_in().visit
    left, fresh = (
        photo_builders.received(photo_builders.checked_in(visit), portraits.good())
        for _ in range(2)
    )
    Capture.objects.filter(pk=left.pk).update(received_at=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.assess_waiting()
    left.refresh_from_db()
    fresh.refresh_from_db()
    assert (left.verdict, fresh.verdict) == ("pass", "")


def test_the_sweeper_rings_for_each_capture_by_itself():
    capture = received(portraits.good())
    Capture.objects.update(received_at=timezone.now() - timedelta(minutes=2))
    before = OrmQ.objects.count()
    ring_for_waiting()
    assert OrmQ.objects.count() == before + 1
    assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    ring_for_waiting()
    assert OrmQ.objects.count() == before + 1
