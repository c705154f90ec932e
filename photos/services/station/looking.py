"""Show a picture that was sent but not taken in, to whoever decides on it: each look is logged."""

from enrolment.audit.services import record as log
from enrolment.people.models import User
from photos.domain.intake import Refused, check_upload
from photos.domain.intake.jpeg import START
from photos.domain.sealed import NotARecord
from photos.models import StationRecord
from photos.services.refusals import KeyDestroyed
from photos.services.station.keys import unsealed
from photos.services.station.records import largest


def look_at_record(*, actor: User, record: StationRecord) -> bytes:
    """Return the JPEG in a record's sealed bytes. Raises FileNotFoundError where there is none.

    One that was taken in is a capture: photos.services.looks shows it.
    """
    if not record.stored_as:
        raise FileNotFoundError(f"No sealed bytes of {record.pk}")
    try:
        picture = unsealed(record)[1]
        check_upload(picture, max_bytes=largest())
    except (NotARecord, KeyDestroyed, Refused) as error:
        raise FileNotFoundError(f"{record.pk} cannot be shown") from error
    if not picture.startswith(START):
        raise FileNotFoundError(f"{record.pk} is no JPEG")
    log(
        actor=actor,
        action="photos.look",
        subject=record,
        federation_id=record.visit.unit.municipality.federation_id,
        part="record",
    )
    return picture
