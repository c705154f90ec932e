"""A planner decides on what a laptop sent that does not fit what stands here."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import queries as booking_queries
from booking.domain.states import BookingStatus
from booking.models import Booking
from booking.services.checkin import finish_booking
from booking.services.later_times import hold_visits
from booking.services.locks import lock_booking, lock_needs
from booking.services.retakes import hold_photo_visits, offer_new_time
from booking.services.walk_ins import walk_in
from enrolment.audit.services import record as log
from enrolment.people.domain.stages import Stage
from enrolment.people.models import Staff, User
from enrolment.people.services.needs import advance_need
from photos.domain.sealed import Header, Kind, NotARecord, read_header
from photos.models import Capture, Photo, StationRecord
from photos.queries.station_records import booking_of
from photos.services.refusals import (
    AlreadySettled,
    ChoiceNotOffered,
    KeyDestroyed,
    PhotoInUse,
    TakenInMeanwhile,
)
from photos.services.review import accept_capture
from photos.services.station.keys import unsealed
from photos.services.station.opening import forget_bytes
from photos.services.station.taking import held_open, take_photo

USE, SET_ASIDE, SEEN = "use", "set_aside", "seen"
State, Conflict = StationRecord.State, StationRecord.Conflict
CHOICES: Mapping[str, tuple[str, ...]] = {
    Conflict.CANCELLED: (USE, SET_ASIDE),
    Conflict.TWO_LAPTOPS: (USE, SET_ASIDE),
    Conflict.TWO_PHOTOS: (USE, SET_ASIDE),
    Conflict.UNKNOWN_WALK_IN: (USE, SET_ASIDE),
    Conflict.NOT_ACCEPTABLE: (USE, SET_ASIDE),
    Conflict.VERDICT_DIFFERS: (SEEN,),
    Conflict.CAME_AFTER_ALL: (SEEN,),
    Conflict.NEED_ENDED: (SET_ASIDE,),
    Conflict.CANNOT_OPEN: (SET_ASIDE,),
    Conflict.FILE_MISSING: (SET_ASIDE,),
    Conflict.NOT_TAKEN_IN: (SET_ASIDE,),
}
# Whoever is in the picture was checked in with it, and waits to be let go.
CHECKED_IN_ALREADY = (Conflict.NOT_ACCEPTABLE, Conflict.NOT_TAKEN_IN, Conflict.FILE_MISSING)
TWO = (Conflict.TWO_LAPTOPS, Conflict.TWO_PHOTOS)
NOT_GOOD_ENOUGH = "not_acceptable"


def choices_of(record: StationRecord) -> tuple[str, ...]:
    """Return how a planner may settle the record, the usual way first.

    "use" makes its picture the person's photo, "set_aside" leaves it unused for good, "seen" says
    that nothing more is to be done.
    """
    if record.state != State.CONFLICT:
        return ()
    offered: tuple[str, ...]
    if record.conflict == Conflict.CAME_AFTER_ALL and record.stored_as:
        offered = (USE, SET_ASIDE) if record.kind == Kind.PHOTO else (SEEN,)
    else:
        offered = CHOICES[record.conflict]
    is_photo = record.kind == Kind.PHOTO
    return tuple(choice for choice in offered if is_photo or choice != USE)


def settle_record(
    *, actor: User, record: StationRecord, choice: str, staff: Staff | None = None
) -> StationRecord:
    """Settle a conflict by one of `choices_of`; `staff` says who walked in. Twice is once.

    What comes of a picture that is used may be shown anew, such as another verdict: then the record
    stays a conflict, of another kind. Raises AlreadySettled, TakenInMeanwhile, ChoiceNotOffered,
    PhotoInUse, NotAcceptable, NotCheckedIn, NeedEnded, BookingRefused, StepNotAllowed, and one of
    FAULTS of photos.services.assess.
    """
    settled = _decided(actor, record, choice, staff)
    forget_bytes(settled)
    return settled


@transaction.atomic
def _decided(actor: User, record: StationRecord, choice: str, staff: Staff | None) -> StationRecord:
    """Do what was chosen and write it down, all or nothing."""
    related = ("visit__unit__municipality", "visit__technician__user")
    current = StationRecord.objects.select_related(*related).get(pk=record.pk)
    if current.state == State.SETTLED and current.settled_as == choice:
        return current
    _check_open(current, choice)
    if choice not in choices_of(current):
        raise ChoiceNotOffered
    conflict = ""
    if choice == USE:
        conflict = _use(actor, current, staff)
    elif choice == SET_ASIDE and current.conflict in CHECKED_IN_ALREADY:
        _give_retake(actor, current)
    return _settle(actor, current, choice, conflict)


def _use(actor: User, record: StationRecord, staff: Staff | None) -> str:
    """Make the picture the person's photo; return what is to be shown of that, or nothing."""
    _hold(record, staff)
    capture = Capture.objects.filter(pk=record.pk).select_related("booking").first()
    if capture and record.conflict == Conflict.NOT_ACCEPTABLE:
        accept_capture(actor=actor, capture=capture, anyway=True)
        return ""
    header, picture = _content(record, capture)
    with held_open(record.visit):
        booking = _booking_for(actor, record, capture, staff)
        return take_photo(record, header, picture, booking)


def _hold(record: StationRecord, staff: Staff | None) -> None:
    """Hold every visit that using the picture may change, before any need is held."""
    booking = booking_of(record)
    person = booking.need.staff if booking else staff
    needs = person.needs.filter(open=True) if person else ()
    hold_visits(record.visit_id, needs)


def _content(record: StationRecord, capture: Capture | None) -> tuple[Header, bytes]:
    if capture:
        return read_header(record.header), b""
    try:
        return unsealed(record)
    except (NotARecord, KeyDestroyed) as error:
        raise ChoiceNotOffered from error


def _booking_for(
    actor: User, record: StationRecord, capture: Capture | None, staff: Staff | None
) -> Booking:
    """Return the person's time in the visit, a new one where there is none."""
    booking = booking_of(record)
    if booking and capture and Photo.objects.filter(capture=capture).exists():
        return booking
    if booking and record.conflict in TWO:
        _set_other_photo_aside(actor, booking)
        booking.refresh_from_db(fields=["need"])
        if booking_queries.live_booking(booking.need, booking.kind) in (None, booking):
            return booking
    person = booking.need.staff if booking else staff
    if person is None:
        raise ChoiceNotOffered
    made = walk_in(actor=actor, visit=record.visit, staff=person)
    return Booking.objects.select_related("visit", "need__staff").get(pk=made.pk)


def _set_other_photo_aside(actor: User, booking: Booking) -> None:
    """Let a photo that nobody has reviewed yet give way to another. Raises PhotoInUse."""
    need = lock_needs([booking.need_id])[booking.need_id]
    photos = Photo.objects.select_for_update(of=("self",)).filter(capture__booking__need=need)
    other = photos.exclude(status=Photo.Status.REJECTED).order_by("-accepted_at").first()
    if other is None:
        return
    if other.status != Photo.Status.WAITING or need.stage != Stage.PHOTOGRAPHED:
        raise PhotoInUse
    other.status = Photo.Status.REJECTED
    other.save(update_fields=["status"])
    advance_need(actor=actor, need=need, stage=Stage.RETAKE, why="other_photo")
    log(
        actor=actor,
        action="photos.set_photo_aside",
        subject=other,
        federation_id=need.staff.federation_id,
    )


def _give_retake(actor: User, record: StationRecord) -> None:
    """Let a person go whose picture will not do, and offer a new time, unless that is over."""
    booking = booking_of(record)
    if booking is None:
        return
    hold_photo_visits({booking.need.staff.unit_id}, beside=booking.visit_id)
    current = lock_booking(booking)
    if current.status != BookingStatus.CHECKED_IN or not current.need.open:
        return
    if not StationRecord.objects.filter(pk=record.pk, kind=Kind.PHOTO).exists():
        return
    finish_booking(actor=actor, booking=current)
    for stage in (Stage.PHOTOGRAPHED, Stage.RETAKE):
        advance_need(actor=actor, need=current.need, stage=stage, why=NOT_GOOD_ENOUGH)
    why = _("Your photo needs to be taken again, so here is a new time.")
    offer_new_time(actor=actor, need=current.need, why=why, after=current.visit.ends_at)


def _check_open(record: StationRecord, choice: str) -> None:
    """Raise TakenInMeanwhile or AlreadySettled where there is nothing to decide on so."""
    if record.state != State.SETTLED and choice == SET_ASIDE and _is_in_use(record):
        raise TakenInMeanwhile
    if record.state != State.CONFLICT:
        raise AlreadySettled


def _is_in_use(record: StationRecord) -> bool:
    photos = Photo.objects.filter(capture=record.pk)
    return photos.exclude(status=Photo.Status.REJECTED).exists()


def _settle(actor: User, settled: StationRecord, choice: str, conflict: str) -> StationRecord:
    """Write down the decision, unless somebody else was quicker.

    Raises AlreadySettled, or TakenInMeanwhile where the hourly try was.
    """
    current = StationRecord.objects.select_for_update().get(pk=settled.pk)
    _check_open(current, choice)
    if current.conflict != settled.conflict:
        raise AlreadySettled
    current.state = State.CONFLICT if conflict else State.SETTLED
    current.conflict = conflict or current.conflict
    current.settled_as, current.settled_by = choice, actor
    current.settled_at = timezone.now()
    current.save()
    log(
        actor=actor,
        action="photos.settle_record",
        subject=current,
        federation_id=settled.visit.unit.municipality.federation_id,
        conflict=settled.conflict,
        choice=choice,
        then=str(conflict),
    )
    return current
