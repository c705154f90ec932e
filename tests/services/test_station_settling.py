"""A planner decides on what does not fit: the picture is used, set aside, or only seen."""

import pytest

from booking.domain.states import BookingStatus
from booking.models import Booking
from booking.services.bookings import book_people, cancel_booking
from booking.services.checkin import record_no_show
from booking.services.refusals import (
    BookingRefused,
    NeedReasonMissing,
    PersonOfAnotherUnit,
    VisitNotOpen,
)
from booking.services.visits import cancel_visit, close_visit
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User
from enrolment.people.services.needs import advance_need
from photos import storage
from photos.models import Capture, Photo, StationRecord
from photos.services.refusals import (
    AlreadySettled,
    ChoiceNotOffered,
    NotAcceptable,
    PhotoInUse,
)
from photos.services.review import approve_photo
from photos.services.station import settling, taking
from photos.services.station.looking import look_at_record
from photos.services.station.opening import open_record
from photos.services.station.settling import choices_of, settle_record
from photos.services.station.taking import STATION
from tests import builders, photo_builders, portraits, station_builders
from tests.services.settling import everything, opened, stage, state_of
from tests.station_builders import OTHER_DEVICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


@pytest.fixture
def planner(booking) -> User:
    return builders.user("planner", within=booking.visit.unit.municipality.federation)


def sent(booking: Booking, **more) -> StationRecord:
    return opened(station_builders.received(booking, **more))


def cancelled(booking: Booking) -> StationRecord:
    cancel_booking(actor=builders.user(), booking=booking)
    return sent(booking)


def not_good_enough(booking: Booking, kind: str = "eyes_closed") -> StationRecord:
    return sent(booking, jpeg=portraits.bad(kind), verdict="fail")


def test_a_photo_of_a_cancelled_time_is_used_by_giving_the_person_a_new_one(booking, planner):
    record = settle_record(actor=planner, record=cancelled(booking), choice="use")
    assert state_of(record) == ("settled", "use")
    assert (record.settled_by, record.stored_as) == (planner, "")
    photo = Photo.objects.select_related("capture__booking").get()
    assert photo.capture.booking.need == booking.need
    assert photo.capture.taken_by == photo_builders.technician(booking)
    assert stage(booking) == Stage.PHOTOGRAPHED


def test_set_aside_it_is_erased_and_nothing_is_changed(booking, planner, settings):
    record = cancelled(booking)
    sealed_as, before = record.stored_as, stage(booking)
    record = settle_record(actor=planner, record=record, choice="set_aside")
    assert state_of(record) == ("settled", "set_aside")
    assert not (settings.PHOTO_DIR / sealed_as).exists()
    assert (stage(booking), Capture.objects.exists()) == (before, False)


def test_a_person_who_has_a_later_time_gives_it_back_when_the_photo_is_used(booking, planner):
    record = cancelled(booking)
    later = builders.visit(
        booking.visit.unit, booking.visit.technician, starts_at=builders.tomorrow(13)
    )
    [new] = book_people(actor=planner, visit=later, needs=[booking.need])
    settle_record(actor=planner, record=record, choice="use")
    new.refresh_from_db()
    assert (new.status, stage(booking)) == ("cancelled", Stage.PHOTOGRAPHED)


def test_a_photo_from_a_cancelled_visit_can_only_be_set_aside(booking, planner):
    received = station_builders.received(booking)
    cancel_visit(actor=planner, visit=booking.visit)
    record = opened(received)
    with pytest.raises(VisitNotOpen):
        settle_record(actor=planner, record=record, choice="use")
    assert state_of(settle_record(actor=planner, record=record, choice="set_aside"))[0] == "settled"


def test_somebody_who_walked_in_gets_a_time_and_the_photo_once_named(booking, planner):
    record = opened(station_builders.walked_in(booking.visit))
    staff = builders.need(builders.staff(booking.visit.unit, "Nora", "Ny")).staff
    with pytest.raises(ChoiceNotOffered):
        settle_record(actor=planner, record=record, choice="use")
    record = settle_record(actor=planner, record=record, choice="use", staff=staff)
    assert state_of(record) == ("settled", "use")
    assert Photo.objects.get().capture.booking.need.staff == staff


def test_whoever_walked_in_gets_the_photo_after_the_visit_was_closed_too(booking, planner):
    record = opened(station_builders.walked_in(booking.visit))
    record_no_show(actor=planner, booking=booking)
    close_visit(actor=planner, visit=booking.visit)
    staff = builders.need(builders.staff(booking.visit.unit, "Nora", "Ny")).staff
    record = settle_record(actor=planner, record=record, choice="use", staff=staff)
    assert state_of(record) == ("settled", "use")
    assert Photo.objects.get().capture.booking.need.staff == staff
    booking.visit.refresh_from_db()
    assert booking.visit.status == "closed"


def test_what_more_comes_of_somebody_who_walked_in_is_known_to_be_of_that_person(booking, planner):
    record = opened(station_builders.walked_in(booking.visit))
    staff = builders.need(builders.staff(booking.visit.unit)).staff
    settle_record(actor=planner, record=record, choice="use", staff=staff)
    more = station_builders.sent(booking.visit, record.subject)
    again = station_builders.receive_record(**more)
    found = open_record(actor=STATION, record_id=again.record_id)
    assert found.conflict == "two_photos"


@pytest.mark.parametrize(
    ("elsewhere", "refusal"), [(True, PersonOfAnotherUnit), (False, NeedReasonMissing)]
)
def test_whoever_may_not_walk_in_there_is_refused_and_the_photo_is_kept(
    booking, planner, elsewhere, refusal
):
    record = opened(station_builders.walked_in(booking.visit))
    staff = builders.need().staff if elsewhere else builders.staff(booking.visit.unit)
    with pytest.raises(refusal):
        settle_record(actor=planner, record=record, choice="use", staff=staff)
    record.refresh_from_db()
    assert record.state == "conflict"
    assert storage.read(record.stored_as)


@pytest.mark.parametrize("device", [station_builders.DEVICE, OTHER_DEVICE])
def test_the_second_photo_is_used_in_place_of_one_nobody_has_reviewed(booking, planner, device):
    first = sent(booking)
    record = settle_record(actor=planner, record=sent(booking, device=device), choice="use")
    assert record.state == "settled"
    statuses = dict(Photo.objects.values_list("capture", "status"))
    assert statuses == {first.pk: "rejected", record.pk: "waiting"}
    assert stage(booking) == Stage.PHOTOGRAPHED
    assert Entry.objects.filter(action="photos.set_photo_aside").count() == 1


def test_a_photo_that_was_reviewed_stays(booking, planner):
    first = sent(booking)
    approve_photo(actor=photo_builders.reviewer(booking), photo=Photo.objects.get())
    second = sent(booking)
    with pytest.raises(PhotoInUse):
        settle_record(actor=planner, record=second, choice="use")
    assert [photo.capture_id for photo in Photo.objects.all()] == [first.pk]
    assert stage(booking) == Stage.APPROVED


def test_a_photo_that_will_not_do_may_be_used_all_the_same(booking, planner):
    record = settle_record(actor=planner, record=not_good_enough(booking), choice="use")
    assert record.state == "settled"
    assert Photo.objects.get().capture_id == record.pk
    assert stage(booking) == Stage.PHOTOGRAPHED


def test_but_not_a_photo_of_nobody(booking, planner):
    record = not_good_enough(booking, "no_face")
    with pytest.raises(NotAcceptable):
        settle_record(actor=planner, record=record, choice="use")
    assert stage(booking) == Stage.CHECKED_IN


def test_set_aside_it_is_taken_again_at_a_later_visit(booking, planner):
    later = builders.visit(
        booking.visit.unit, booking.visit.technician, starts_at=builders.tomorrow(13)
    )
    settle_record(actor=planner, record=not_good_enough(booking), choice="set_aside")
    booking.refresh_from_db()
    assert (booking.status, stage(booking)) == (BookingStatus.DONE, Stage.BOOKED)
    assert later.bookings.get().need == booking.need


def test_without_a_later_visit_the_person_waits_for_a_new_photo(booking, planner):
    settle_record(actor=planner, record=not_good_enough(booking), choice="set_aside")
    assert stage(booking) == Stage.RETAKE


def test_whoever_got_a_better_photo_meanwhile_is_not_called_again(booking, planner):
    bad = not_good_enough(booking)
    assert sent(booking).state == "taken"
    settle_record(actor=planner, record=bad, choice="set_aside")
    assert stage(booking) == Stage.PHOTOGRAPHED


def test_two_verdicts_are_seen_and_the_photo_stays(booking, planner):
    record = settle_record(actor=planner, record=sent(booking, verdict="warn"), choice="seen")
    assert state_of(record) == ("settled", "seen")
    assert Photo.objects.get().status == "waiting"


def test_a_photo_that_is_used_may_show_something_new(booking, planner):
    cancel_booking(actor=builders.user(), booking=booking)
    record = sent(booking, verdict="warn")
    record = settle_record(actor=planner, record=record, choice="use")
    assert (record.state, record.conflict) == ("conflict", "verdict_differs")
    record = settle_record(actor=planner, record=record, choice="seen")
    assert state_of(record) == ("settled", "seen")


def test_a_no_show_of_somebody_who_came_is_only_seen(booking, planner):
    sent(booking)
    record = sent(booking, kind="no_show", device=OTHER_DEVICE)
    assert choices_of(record) == ("seen",)
    assert state_of(settle_record(actor=planner, record=record, choice="seen"))[0] == "settled"


def test_somebody_noted_as_absent_and_booked_anew_comes_back_by_the_planner(booking, planner):
    record_no_show(actor=planner, booking=booking)
    later = builders.visit(
        booking.visit.unit, booking.visit.technician, starts_at=builders.tomorrow(13)
    )
    [new] = book_people(actor=planner, visit=later, needs=[booking.need])
    Booking.objects.filter(pk=new.pk).update(status="checked_in")
    record = sent(booking)
    assert (record.conflict, choices_of(record)) == ("came_after_all", ("use", "set_aside"))
    with pytest.raises(BookingRefused):
        settle_record(actor=planner, record=record, choice="use")
    Booking.objects.filter(pk=new.pk).update(status="booked")
    assert settle_record(actor=planner, record=record, choice="use").state == "settled"
    assert stage(booking) == Stage.PHOTOGRAPHED


@pytest.mark.parametrize("choice", ["use", "seen", "", "forget"])
def test_what_is_not_offered_is_refused(booking, planner, choice):
    advance_need(actor=planner, need=booking.need, stage=Stage.LAPSED)
    record = sent(booking)
    assert choices_of(record) == ("set_aside",)
    with pytest.raises(ChoiceNotOffered):
        settle_record(actor=planner, record=record, choice=choice)


def test_settled_twice_is_settled_once_and_otherwise_is_refused(booking, planner):
    record = cancelled(booking)
    settle_record(actor=planner, record=record, choice="set_aside")
    lines = Entry.objects.count()
    settle_record(actor=planner, record=record, choice="set_aside")
    assert Entry.objects.count() == lines
    with pytest.raises(AlreadySettled):
        settle_record(actor=planner, record=record, choice="use")


def test_what_is_taken_in_is_not_to_be_settled(booking, planner):
    record = sent(booking)
    assert choices_of(record) == ()
    with pytest.raises(AlreadySettled):
        settle_record(actor=planner, record=record, choice="seen")


def fails_after(monkeypatch, room, step: str, work) -> None:
    whole = getattr(room, step)

    def failing(*args, **kwargs):
        whole(*args, **kwargs)
        raise OSError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(room, step, failing)
        with pytest.raises(OSError, match="gone"):
            work()


@pytest.mark.parametrize(
    ("room", "step"),
    [
        (settling, "walk_in"),
        (taking, "check_in"),
        (taking, "receive_capture"),
        (taking, "assess_capture"),
        (taking, "accept_capture"),
        (settling, "take_photo"),
        (settling, "_settle"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whichever_step_fails_nothing_has_changed_and_the_next_try_settles_it_once(
    booking, planner, monkeypatch, room, step
):
    record = cancelled(booking)
    before = everything()
    fails_after(
        monkeypatch,
        room,
        step,
        lambda: settle_record(actor=planner, record=record, choice="use"),
    )
    assert everything() == before
    assert storage.read(record.stored_as)
    assert settle_record(actor=planner, record=record, choice="use").state == "settled"
    assert (Photo.objects.count(), booking.visit.bookings.count()) == (1, 2)


def test_a_photo_that_was_to_give_way_stays_when_the_other_cannot_be_used(
    booking, planner, monkeypatch
):
    sent(booking)
    second = sent(booking, device=OTHER_DEVICE)
    before = everything()
    fails_after(
        monkeypatch,
        settling,
        "_set_other_photo_aside",
        lambda: settle_record(actor=planner, record=second, choice="use"),
    )
    assert everything() == before


def test_a_new_time_is_not_offered_when_the_decision_is_not_written_down(
    booking, planner, monkeypatch
):
    record = not_good_enough(booking)
    before = everything()
    fails_after(
        monkeypatch,
        settling,
        "_give_retake",
        lambda: settle_record(actor=planner, record=record, choice="set_aside"),
    )
    assert everything() == before


def test_a_decision_that_came_too_late_changes_nothing(booking, planner, monkeypatch):
    record, whole = cancelled(booking), settling.take_photo
    aside = {"state": "settled", "settled_as": "set_aside"}

    def overtaken(*args):
        StationRecord.objects.filter(pk=record.pk).update(**aside)
        return whole(*args)

    monkeypatch.setattr(settling, "take_photo", overtaken)
    with pytest.raises(AlreadySettled):
        settle_record(actor=planner, record=record, choice="use")
    assert (Photo.objects.count(), booking.visit.bookings.count()) == (0, 1)


@pytest.mark.parametrize("conflict", ["file_missing", "not_taken_in"])
def test_what_may_pass_by_itself_can_be_set_aside_and_is_not_tried_again(
    booking, planner, conflict
):
    record = station_builders.received(booking)
    StationRecord.objects.filter(pk=record.pk).update(state="conflict", conflict=conflict)
    record.refresh_from_db()
    assert choices_of(record) == ("set_aside",)
    assert settle_record(actor=planner, record=record, choice="set_aside").state == "settled"
    assert opened(record).state == "settled"
    assert not Photo.objects.exists()


def test_whoever_was_checked_in_with_what_could_not_be_taken_in_is_let_go(
    booking, planner, monkeypatch
):
    received = station_builders.received(booking)
    with monkeypatch.context() as broken:
        broken.setattr(taking, "accept_capture", lambda **_facts: 1 / 0)
        record = opened(received)
    assert (record.conflict, stage(booking)) == ("not_taken_in", Stage.CHECKED_IN)
    settle_record(actor=planner, record=record, choice="set_aside")
    booking.refresh_from_db()
    assert (booking.status, stage(booking)) == (BookingStatus.DONE, Stage.RETAKE)


def test_the_planner_looks_at_a_picture_that_was_not_taken_in_and_that_is_logged(booking, planner):
    record = cancelled(booking)
    assert look_at_record(actor=planner, record=record) == portraits.good()
    entry = Entry.objects.get(action="photos.look")
    assert (entry.actor, entry.subject) == (planner.audit_name, f"stationrecord:{record.pk}")


def test_where_there_is_no_picture_there_is_nothing_to_look_at(booking, planner):
    for record in (
        sent(booking, jpeg=b"RAW" * 100),
        sent(booking, kind="note"),
        sent(booking),
    ):
        with pytest.raises(FileNotFoundError):
            look_at_record(actor=planner, record=record)
    assert not Entry.objects.filter(action="photos.look").exists()
