"""Take in what a laptop told: check the person in, keep and judge the photo, choose it.

Every step may be done again. What does not fit what stands here already is named and left for a
person to decide on: see StationRecord.Conflict.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from django.conf import settings
from django.db import transaction

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Visit
from booking.services.checkin import check_in, record_no_show
from booking.services.locks import lock_visit
from booking.services.refusals import (
    AlreadyBooked,
    BookingRefused,
    NeedNotBookable,
    PeopleLeft,
    VisitNotOpen,
)
from booking.services.steps import step_visit
from booking.services.visits import close_visit
from enrolment.audit.services import System, record
from enrolment.people.domain.stages import Stage
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import User
from photos.domain.intake import Refused, check_upload
from photos.domain.sealed import Header, Kind
from photos.models import Capture, Photo, StationRecord
from photos.queries.station_records import (
    booking_of,
    came_after_no_show,
    is_same_laptop,
    technician_of,
)
from photos.services.assess import assess_capture
from photos.services.captures import prepare_capture, receive_capture
from photos.services.refusals import (
    AlreadySettled,
    CaptureConflict,
    NeedEnded,
    NotAcceptable,
    NotCheckedIn,
)
from photos.services.review import accept_capture
from photos.storage import Prepared

STATION = System("station")
NAME_LENGTH = 100  # of whoever vouches, as an identity check keeps it; the header has all of it
Conflict = StationRecord.Conflict


def take(of: StationRecord, header: Header, picture: bytes) -> str:
    """Take in an opened record; return the conflict that it came to, or nothing.

    Raises AlreadySettled where a planner decides on it meanwhile: what that comes before is not
    done. Raises one of `photos.services.assess.FAULTS` when the house itself is at fault.
    """
    match header.kind:
        case Kind.PHOTO:
            return take_photo(of, header, picture, booking_of(of))
        case Kind.NO_SHOW:
            return _take_no_show(of, booking_of(of))
    return ""


def take_photo(of: StationRecord, header: Header, picture: bytes, booking: Booking | None) -> str:
    """Make the picture the photo of the booking's person; return as `take`, raise as it."""
    if booking is None:
        return Conflict.UNKNOWN_WALK_IN
    if Photo.objects.filter(capture=of.pk).exists():
        return _afterwards(of, header)
    if hindered := _hindered(of, booking):
        return hindered
    try:
        with held_open(booking.visit):
            _photograph(of, header, picture, booking)
    except (BookingRefused, StepNotAllowed, NeedEnded, NotCheckedIn) as refusal:
        return _named(of, booking, refusal)
    except NotAcceptable:
        return Conflict.NOT_ACCEPTABLE
    except (Refused, CaptureConflict):
        return Conflict.CANNOT_OPEN
    return _afterwards(of, header)


def _hindered(of: StationRecord, booking: Booking) -> str:
    if not booking.need.open:
        return Conflict.NEED_ENDED
    if booking.status == BookingStatus.CANCELLED:
        return Conflict.CANCELLED
    if booking.status == BookingStatus.DONE and booking.need.stage != Stage.RETAKE:
        return _one_of_two(of, booking)
    return ""


def _named(of: StationRecord, booking: Booking, refusal: Exception) -> str:
    """Name the conflict behind a refusal: it came too late, or somebody else was quicker."""
    match refusal:
        case NeedNotBookable() | NeedEnded():
            return Conflict.NEED_ENDED
        case VisitNotOpen():
            return Conflict.CANCELLED
        case AlreadyBooked() if booking.status == BookingStatus.NO_SHOW:
            return Conflict.CAME_AFTER_ALL
    return _one_of_two(of, booking)


def _one_of_two(of: StationRecord, booking: Booking) -> str:
    """Say whether the person's photo came from the same laptop."""
    photos = Photo.objects.filter(capture__booking=booking).order_by("-accepted_at")
    accepted = photos.values_list("capture", flat=True).first()
    is_same = accepted is not None and is_same_laptop(of, accepted)
    return Conflict.TWO_PHOTOS if is_same else Conflict.TWO_LAPTOPS


def _photograph(of: StationRecord, header: Header, picture: bytes, booking: Booking) -> None:
    taker = technician_of(of, header.user)
    capture = Capture.objects.filter(pk=of.pk, booking=booking).first()
    prepared = nullcontext() if capture else _prepared(of, picture, booking)
    with prepared as ready, transaction.atomic():
        if booking.status != BookingStatus.CHECKED_IN:
            vouched_by = header.vouched_by[:NAME_LENGTH]
            check_in(actor=taker, booking=booking, document=header.document, vouched_by=vouched_by)
            booking.refresh_from_db(fields=["status"])
        _hold_unsettled(of)
        capture = capture or _receive(of, header, picture, booking, taker, ready)
    _note_what_was_said(capture, header)
    assess_capture(actor=taker, capture_id=capture.pk)
    with transaction.atomic():
        accept_capture(actor=taker, capture=Capture.objects.get(pk=capture.pk))
        _hold_unsettled(of)


def _hold_unsettled(of: StationRecord) -> None:
    """Hold the record until the transaction ends: after visit and need, as who settles it does.

    Raises AlreadySettled, so that nothing of the transaction stands.
    """
    current = StationRecord.objects.select_for_update().get(pk=of.pk)
    if current.state == StationRecord.State.SETTLED:
        raise AlreadySettled


def _prepared(
    of: StationRecord, picture: bytes, booking: Booking
) -> AbstractContextManager[Prepared]:
    """Bring the picture to the disk before anybody has to wait for it. Raises Refused."""
    check_upload(picture, max_bytes=settings.UPLOAD_LIMIT)
    return prepare_capture(booking, of.pk, picture)


def _receive(
    of: StationRecord,
    header: Header,
    picture: bytes,
    booking: Booking,
    taker: User,
    ready: Prepared | None,
) -> Capture:
    receive_capture(
        actor=taker,
        booking=booking,
        capture_id=of.pk,
        sha256=str(header.told["sha256"]),
        data=picture,
        taken_at=header.taken_at,
        source=header.source,
        ready=ready,
    )
    return Capture.objects.get(pk=of.pk)


def _note_what_was_said(capture: Capture, header: Header) -> None:
    Capture.objects.filter(pk=capture.pk).update(
        station={
            "verdict": header.verdict,
            "findings": header.findings,
            "without_model": header.without_model,
            "machine_ms": header.machine_ms,
        },
        tries=header.tries,
        seconds=header.seconds,
        accepted_anyway=header.accepted_anyway,
    )


def _afterwards(of: StationRecord, header: Header) -> str:
    """Return what is to be shown of a photo although it was taken in."""
    capture = Capture.objects.get(pk=of.pk)
    if came_after_no_show(of, capture.booking):
        return Conflict.CAME_AFTER_ALL
    if header.without_model or header.verdict in ("", capture.verdict):
        return ""
    return Conflict.VERDICT_DIFFERS


def _take_no_show(of: StationRecord, booking: Booking | None) -> str:
    """Note the no-show; a person who was photographed, or is here, did come: that is shown."""
    if booking is None:
        return Conflict.UNKNOWN_WALK_IN
    if booking.status == BookingStatus.CANCELLED:
        return ""
    teller = technician_of(of, str(of.header.get("user")))
    try:
        with transaction.atomic():
            record_no_show(actor=teller, booking=booking)
            _hold_unsettled(of)
    except StepNotAllowed:
        return "" if _photographed_by_same(of) else Conflict.CAME_AFTER_ALL
    return ""


def _photographed_by_same(of: StationRecord) -> bool:
    """Say whether the laptop itself has a photo of the person: then it knows who came late."""
    others = StationRecord.objects.filter(visit=of.visit, subject=of.subject, device=of.device)
    return others.filter(kind=Kind.PHOTO).exists()


@contextmanager
def held_open(visit: Visit) -> Iterator[None]:
    """Open a closed visit for what has come late, and close it again afterwards."""
    reopened = _reopen(visit)
    try:
        yield
    finally:
        if reopened:
            _close_again(visit)


@transaction.atomic
def _reopen(visit: Visit) -> bool:
    """Open the visit; say whether it was closed."""
    current = lock_visit(visit.pk)
    if current.status != VisitStatus.CLOSED:
        return False
    step_visit(actor=STATION, visit=current, status=VisitStatus.OPEN, why="late_record")
    federation_id = current.unit.municipality.federation_id
    record(
        actor=STATION, action="photos.reopen_visit", subject=current, federation_id=federation_id
    )
    return True


def _close_again(visit: Visit) -> None:
    """Close the visit, unless somebody is left in it."""
    with suppress(PeopleLeft):
        close_visit(actor=STATION, visit=visit)
