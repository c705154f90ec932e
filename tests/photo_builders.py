"""Builders for the photos room: people before the camera, their pictures and accepted photos."""

import hashlib
import io
import uuid

from django.utils import timezone
from PIL import Image

from booking.models import Booking, Visit
from booking.services.bookings import book_people
from booking.services.checkin import check_in
from enrolment.people.models import User
from photos import storage
from photos.models import Capture, Finding, Photo
from photos.services.captures import receive_capture
from photos.services.review import accept_capture
from tests import builders


def jpeg(size: tuple[int, int] = (413, 531), shade: int = 128) -> bytes:
    """A real JPEG of one shade of grey: a picture, but of nobody."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(buffer, "JPEG")
    return buffer.getvalue()


def technician(of: Visit | Booking) -> User:
    visit = of.visit if isinstance(of, Booking) else of
    return visit.technician.user


def reviewer(of: Booking | Visit) -> User:
    visit = of.visit if isinstance(of, Booking) else of
    return builders.user("id_administrator", within=visit.unit, name="Ida Granskare")


def booked(at: Visit | None = None, **staff) -> Booking:
    visit = at or builders.visit()
    need = builders.need(builders.staff(visit.unit, **staff))
    [booking] = book_people(actor=builders.user(), visit=visit, needs=[need])
    return booking


def checked_in(at: Visit | None = None, **staff) -> Booking:
    booking = booked(at, **staff)
    check_in(actor=technician(booking), booking=booking, document="passport")
    booking.refresh_from_db()
    return booking


def sent(booking: Booking, data: bytes | None = None, **more) -> dict:
    """What the station sends with a picture, as arguments of receive_capture."""
    data = data if data is not None else jpeg()
    facts = {
        "actor": technician(booking),
        "booking": booking,
        "capture_id": uuid.uuid4(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "data": data,
        "taken_at": timezone.now(),
        "source": "camera",
    }
    return facts | more


def received(booking: Booking, data: bytes | None = None, **more) -> Capture:
    receipt = receive_capture(**sent(booking, data, **more))
    return Capture.objects.get(pk=receipt.capture_id)


# Where everything lies in a picture of the size of a card: the whole of it is the crop.
GEOMETRY = {
    "faces": 1,
    "size": [413, 531],
    "crop": {"x": 206.5, "y": 265.5, "width": 413.0, "height": 531.0, "angle": 0.0},
    "marks": {
        "outline": [[0.3, 0.3], [0.7, 0.3], [0.7, 0.85], [0.3, 0.85]],
        "eye_left": [0.4, 0.47],
        "eye_right": [0.6, 0.47],
        "crown": 0.1,
        "chin": 0.85,
    },
    "others": [],
}


def judged(booking: Booking, verdict: str = "pass", **more) -> Capture:
    """A received capture with a verdict, one finding and, unless it failed, a card picture."""
    capture = received(booking, **more)
    capture.assessed_at, capture.verdict = timezone.now(), verdict
    capture.geometry = GEOMETRY
    if verdict != "pass":
        capture.decided_by = "eyes open"
        capture.advice = [{"code": "open_eyes", "params": {}}]
    if verdict != "fail":
        federation_id = booking.need.staff.federation_id
        card = jpeg(shade=200)
        capture.card_stored_as = storage.write(uuid.uuid4(), federation_id, timezone.now(), card)
    capture.save()
    found(capture, answer=verdict, advice_code="" if verdict == "pass" else "open_eyes")
    return capture


def found(capture: Capture, **facts) -> Finding:
    """One finding of a capture, of the eyes unless told otherwise."""
    eyes = {
        "position": capture.findings.count(),
        "component": "eyes open",
        "answer": "pass",
        "value": 0.0321,
        "unit": "eye-to-chin distance",
        "limit": "≥ 0.042",
        "bounds": [0.042, None, 0.036, None],
        "source": "measured",
    }
    return Finding.objects.create(capture=capture, **eyes | facts)


def photo(booking: Booking | None = None) -> Photo:
    booking = booking or checked_in()
    return accept_capture(actor=technician(booking), capture=judged(booking))
