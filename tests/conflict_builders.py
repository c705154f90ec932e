"""Builders for what the station leaves to people: laptops, notes and records in conflict."""

import uuid
from typing import Any

from django.utils import timezone

from booking.models import Visit
from photos.models import Capture, Laptop, StationRecord
from tests.station_builders import record_of


def laptop(visit: Visit, unsent: int = 0, **more: Any) -> Laptop:
    """A laptop of the visit's technician, made ready and heard of just now."""
    facts = {"version": "ab" * 32, "prepared_at": timezone.now(), "reported_at": timezone.now()}
    return Laptop.objects.create(
        visit=visit,
        device=uuid.uuid4(),
        user=visit.technician.user,
        unsent=unsent,
        **facts | more,
    )


def record(visit: Visit, subject: uuid.UUID, kind: str = "photo", **more: Any) -> StationRecord:
    """An opened record without its sealed bytes; its header as a laptop writes it."""
    header = {**record_of(visit, subject, kind=kind), **more.pop("header", {})}
    facts = {"id": uuid.uuid4(), "state": "taken", "opened_at": timezone.now()}
    return StationRecord.objects.create(
        visit=visit,
        subject=subject,
        device=uuid.uuid4(),
        sha256="ab" * 32,
        byte_size=9,
        sent_by=visit.technician.user,
        kind=kind,
        header=header,
        **facts | more,
    )


def conflict(visit: Visit, subject: uuid.UUID, code: str, **more: Any) -> StationRecord:
    """A record that waits for a planner."""
    return record(visit, subject, state="conflict", conflict=code, **more)


def walk_in(visit: Visit, **more: Any) -> StationRecord:
    """A record of somebody without a time."""
    person = {"given_name": "Nora", "family_name": "Ny", "contact": "nora@example.org"}
    return conflict(visit, uuid.uuid4(), "unknown_walk_in", header={"walk_in": person, **more})


def differing(capture: Capture, verdict: str = "warn") -> StationRecord:
    """The record of a capture that the laptop judged otherwise than the server."""
    found = [{"component": "eyes open", "answer": verdict, "value": 0.0401}]
    capture.station = {"verdict": verdict, "findings": found, "without_model": False}
    capture.save(update_fields=["station"])
    return conflict(
        capture.booking.visit,
        capture.booking_id,
        "verdict_differs",
        id=capture.pk,
        header={"verdict": verdict, "findings": found},
    )
