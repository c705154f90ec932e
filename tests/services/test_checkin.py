"""Check-in by one of five kinds of id document, the end of a booking, and who did not come."""

import pytest

from booking.domain.states import VOUCHED, IdDocument
from booking.models import Booking, IdentityCheck
from booking.services.bookings import book_people
from booking.services.checkin import check_in, finish_booking, record_no_show
from booking.services.refusals import (
    AlreadyBooked,
    NobodyVouches,
    UnknownDocument,
    VisitNotOpen,
)
from booking.services.visits import close_visit
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.services.needs import advance_need
from tests import builders

pytestmark = pytest.mark.django_db


def booked(kind: str = "photo") -> Booking:
    visit = builders.visit(kind=kind)
    need = builders.need(builders.staff(visit.unit))
    if kind == "activation":
        advance_need(actor=builders.user(), need=need, stage=Stage.APPROVED)
    [booking] = book_people(actor=builders.user(), visit=visit, needs=[need])
    return booking


def stage_of(booking: Booking) -> str:
    booking.need.refresh_from_db()
    return booking.need.stage


@pytest.mark.parametrize("document", [kind.value for kind in IdDocument])
def test_each_of_the_five_documents_checks_a_person_in(document):
    booking, actor = booked(), builders.user()
    check = check_in(actor=actor, booking=booking, document=document)
    booking.refresh_from_db()
    assert (check.document, check.checked_by, booking.status) == (document, actor, "checked_in")
    assert stage_of(booking) == Stage.CHECKED_IN
    line = Entry.objects.get(action="booking.check_in")
    assert line.details == {"document": document}


@pytest.mark.parametrize("document", ["", "library_card", "PASSPORT"])
def test_any_other_document_is_refused(document):
    booking = booked()
    with pytest.raises(UnknownDocument):
        check_in(actor=builders.user(), booking=booking, document=document)
    assert IdentityCheck.objects.count() == 0
    assert stage_of(booking) == Stage.BOOKED


def test_somebody_without_a_document_is_vouched_for_by_name():
    booking = booked()
    check = check_in(
        actor=builders.user(), booking=booking, document=VOUCHED, vouched_by="Eva Chef"
    )
    assert (check.document, check.vouched_by) == ("vouched", "Eva Chef")
    assert stage_of(booking) == Stage.CHECKED_IN


@pytest.mark.parametrize(("document", "name"), [(VOUCHED, ""), ("passport", "Eva Chef")])
def test_nobody_vouches_without_a_name_or_beside_a_document(document, name):
    booking = booked()
    with pytest.raises(NobodyVouches):
        check_in(actor=builders.user(), booking=booking, document=document, vouched_by=name)
    assert stage_of(booking) == Stage.BOOKED


def test_a_double_click_is_one_check():
    booking = booked()
    first = check_in(actor=builders.user(), booking=booking, document="passport")
    assert check_in(actor=builders.user(), booking=booking, document="passport") == first
    assert booking.changes.filter(status="checked_in").count() == 1


def test_an_activation_check_in_leaves_the_stage_alone():
    booking = booked("activation")
    check_in(actor=builders.user(), booking=booking, document="passport")
    assert stage_of(booking) == Stage.APPROVED


def test_nobody_is_checked_in_to_a_closed_visit():
    booking = booked()
    record_no_show(actor=builders.user(), booking=booking)
    close_visit(actor=builders.user(), visit=booking.visit)
    with pytest.raises(VisitNotOpen):
        check_in(actor=builders.user(), booking=booking, document="passport")


def test_whoever_comes_late_is_checked_in_after_all():
    booking = booked()
    record_no_show(actor=builders.user(), booking=booking)
    check_in(actor=builders.user(), booking=booking, document="passport")
    assert stage_of(booking) == Stage.CHECKED_IN


def test_whoever_comes_late_but_has_a_new_time_is_not_checked_in_on_the_old():
    booking = booked()
    record_no_show(actor=builders.user(), booking=booking)
    book_people(actor=builders.user(), visit=booking.visit, needs=[booking.need])
    with pytest.raises(AlreadyBooked):
        check_in(actor=builders.user(), booking=booking, document="passport")


def test_a_retake_at_once_checks_in_again_and_the_latest_document_counts():
    booking = booked()
    check_in(actor=builders.user(), booking=booking, document="passport")
    finish_booking(actor=builders.user(), booking=booking)
    with pytest.raises(StepNotAllowed):
        check_in(actor=builders.user(), booking=booking, document="driving_licence")
    for stage in (Stage.PHOTOGRAPHED, Stage.RETAKE):
        advance_need(actor=builders.user(), need=booking.need, stage=stage)
    check_in(actor=builders.user(), booking=booking, document="driving_licence")
    assert IdentityCheck.objects.get().document == "driving_licence"


def test_a_finished_booking_is_done_and_leaves_the_need_to_others():
    booking = booked()
    check_in(actor=builders.user(), booking=booking, document="passport")
    assert finish_booking(actor=builders.user(), booking=booking).status == "done"
    assert stage_of(booking) == Stage.CHECKED_IN


def test_a_booking_is_not_finished_without_a_check_in():
    with pytest.raises(StepNotAllowed):
        finish_booking(actor=builders.user(), booking=booked())


def test_a_no_show_moves_the_need_and_is_noted_once():
    booking = booked()
    for _ in range(2):
        assert record_no_show(actor=builders.user(), booking=booking).status == "no_show"
    assert stage_of(booking) == Stage.NO_SHOW
    assert booking.changes.filter(status="no_show").count() == 1


def test_a_checked_in_person_is_no_no_show():
    booking = booked()
    check_in(actor=builders.user(), booking=booking, document="passport")
    with pytest.raises(StepNotAllowed):
        record_no_show(actor=builders.user(), booking=booking)


def test_an_activation_no_show_leaves_the_stage_alone():
    booking = booked("activation")
    record_no_show(actor=builders.user(), booking=booking)
    assert stage_of(booking) == Stage.APPROVED
