"""What stands of a planner's decisions, for the tests of settling."""

from booking.models import Booking, IdentityCheck, Slot, Visit
from enrolment.audit.models import Entry
from enrolment.people.models import CardNeed
from photos.models import Capture, Photo, StationRecord
from photos.services.station.opening import open_record
from photos.services.station.taking import STATION


def everything() -> dict[str, list]:
    """All the rows that settling may change."""
    models = (Booking, CardNeed, Capture, Photo, IdentityCheck, StationRecord, Visit, Slot, Entry)
    return {model.__name__: sorted(map(str, model.objects.values())) for model in models}


def opened(record: StationRecord) -> StationRecord:
    """Open a record as the house does by itself."""
    return open_record(actor=STATION, record_id=record.pk)


def state_of(record: StationRecord) -> tuple[str, str]:
    """Where a record stands, and how it was settled."""
    return record.state, record.settled_as


def stage(of: Booking) -> str:
    """Return the stage of the booking's need as it is now."""
    return CardNeed.objects.get(pk=of.need_id).stage
