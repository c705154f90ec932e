"""What a laptop is given before a visit: its people, no more of them than is needed, its limits."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import FETCH_RAISE, Count, Q, QuerySet
from django.utils import timezone

from booking.domain.states import LIVE, BookingStatus, VisitStatus
from booking.models import Booking, OwnLink, Visit
from booking.queries.own_time import code_on_slip
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, User
from photos.domain.profile import Profile, ProfileError
from photos.models import StationKey
from photos.profiles import load_profile
from photos.queries.profiles import in_force, laid

SCHEMA = "station/1"
CARD = ("width_px", "height_px", "dpi", "head_height", "eye_line")
LIMIT = ("pass_min", "pass_max", "warn_min", "warn_max", "gravest")


def package_of(visit: Visit, user: User, public_key: str) -> dict[str, Any]:
    """Return the package but for `prepared_at`; four queries and those of the rules.

    `version` is a hash of all the rest: the same as long as nothing has changed. `list_version` is
    one of what a technician is told of: who comes, when, with which code and flags. Protected
    persons are never in it.
    """
    contents: dict[str, Any] = {
        "schema": SCHEMA,
        "user": {"id": str(user.pk), "name": user.name},
        "visit": _visit(visit),
        "public_key": public_key,
        "people": _people(visit),
        "profile": _profile(profile_at(visit)),
    }
    listed = {"list_version": _digest([_as_listed(person) for person in contents["people"]])}
    return contents | listed | {"version": _digest(contents)}


def people_of(visit: Visit) -> QuerySet[Booking]:
    """Return the times of the visit in order, but for cancelled ones and protected persons'."""
    kept = visit.bookings.filter(need__staff__protected=False)
    kept = kept.exclude(status=BookingStatus.CANCELLED).select_related("slot", "need__staff")
    return kept.order_by("slot__starts_at", "slot__station").fetch_mode(FETCH_RAISE)


def needs_without_code(visit: Visit) -> list[CardNeed]:
    """Return the needs that wait for their time in the visit and have no code for it."""
    coded = OwnLink.objects.filter(visit=visit).values("need")
    waiting = people_of(visit).filter(status__in=LIVE).exclude(need__in=coded)
    return [booking.need for booking in waiting]


def open_photo_visits(visits: QuerySet[Visit], now: datetime) -> list[Visit]:
    """Return those of `visits` that are open, from today on, with `people` and key loaded."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    named = Q(bookings__need__staff__protected=False)
    named &= ~Q(bookings__status=BookingStatus.CANCELLED)
    coming = visits.filter(status=VisitStatus.OPEN, ends_at__gte=midnight)
    counted = coming.annotate(people=Count("bookings", filter=named))
    return list(counted.select_related("station_key").order_by("starts_at", "pk"))


def versions_of(visit: Visit, user: User) -> dict[str, str]:
    """Return both versions of the package as it would be now; empty where none was ever made."""
    names = ("version", "list_version")
    key: StationKey | None = getattr(visit, "station_key", None)
    package = package_of(visit, user, in_base64(key)) if key else {}
    return {name: package.get(name, "") for name in names}


def in_base64(key: StationKey) -> str:
    """Return the public key as a browser takes it."""
    return base64.b64encode(bytes(key.public_key)).decode("ascii")


def profile_at(visit: Visit) -> Profile:
    """Return the profile in force at the visit; where its rules make no sense, without them."""
    key, overrides = in_force(visit.unit, timezone.localdate(visit.starts_at))
    try:
        return laid(key, overrides)
    except ProfileError:
        return load_profile()


def _visit(visit: Visit) -> dict[str, Any]:
    unit = visit.unit
    return {
        "id": str(visit.pk),
        "unit": unit.name,
        "address": ", ".join(part for part in (unit.street, unit.town) if part),
        "room": unit.room_note,
        "starts_at": _moment(visit.starts_at),
        "ends_at": _moment(visit.ends_at),
        "federation": unit.municipality.federation.name,
    }


def _people(visit: Visit) -> list[dict[str, Any]]:
    codes = _codes(visit)
    return [_person(booking, codes.get(booking.need_id, "")) for booking in people_of(visit)]


def _codes(visit: Visit) -> Mapping[UUID, str]:
    links = OwnLink.objects.filter(visit=visit, revoked_at=None)
    return {link.need_id: code_on_slip(link) for link in links}


def _person(booking: Booking, code: str) -> dict[str, Any]:
    staff = booking.need.staff
    return {
        "subject": str(booking.pk),
        "given_name": staff.given_name,
        "family_name": staff.family_name,
        "code": code,
        "time": _moment(booking.slot.starts_at),
        "flags": ["retake"] if booking.need.stage == Stage.RETAKE else [],
        "state": booking.status,
    }


def _as_listed(person: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told for name, told in person.items() if name != "state"}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _profile(profile: Profile) -> dict[str, Any]:
    card = asdict(profile.card)
    return {
        "key": profile.key,
        "title": profile.title,
        "card": {name: card[name] for name in CARD},
        "limits": {
            name: {each: getattr(limit, each) for each in LIMIT}
            for name, limit in profile.limits.items()
        },
    }


def _digest(contents: Any) -> str:
    text = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
