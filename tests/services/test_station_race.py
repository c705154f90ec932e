"""Many requests with the same record, and many records of one person, at the same moment."""

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import transaction

from booking.models import Booking
from enrolment import vault
from enrolment.audit.models import Entry
from photos import storage
from photos.models import Capture, Photo, StationRecord
from photos.services.refusals import RecordConflict
from photos.services.station.opening import opened_now
from photos.services.station.records import receive_record
from photos.services.station.taking import STATION
from tests import photo_builders, station_builders
from tests.services.racing import crew, together

RACERS = 4
ROUNDS = 6


# --- What the racers run, each in its own process -------------------------------------------------


def use(folder: str) -> None:
    settings.KEYS_DIR, settings.PHOTO_DIR = Path(folder) / "keys", Path(folder) / "photos"


def prepare(_meet, folder: str) -> list[str]:
    """Make people with a time, and keys for the vault and their visit; return their bookings."""
    use(folder)
    vault.create_keys(settings.KEYS_DIR)
    with transaction.atomic():
        first = photo_builders.booked()
        return [str(first.pk), *(str(photo_builders.booked(first.visit).pk) for _ in range(5))]


def seal(_meet, folder: str, booking_id: str, kind: str) -> dict:
    """Seal one record of the person."""
    use(folder)
    booking = loaded(booking_id)
    sending = station_builders.sent(booking.visit, booking.pk, kind=kind, note="Hej")
    return {key: sending[key] for key in ("record_id", "sha256", "data", "device")}


def loaded(booking_id: str) -> Booking:
    related = ("visit__unit__municipality", "visit__technician__user")
    return Booking.objects.select_related(*related).get(pk=booking_id)


def send(meet, folder: str, booking_id: str, sealed: list[dict]) -> list[str]:
    use(folder)
    booking, outcomes = loaded(booking_id), []
    for each in sealed:
        meet.wait(30)
        try:
            receipt = receive_record(
                actor=booking.visit.technician.user,
                visit=booking.visit,
                subject=booking.pk,
                **each,
            )
        except RecordConflict:
            outcomes.append("conflict")
        else:
            assert receipt.sha256 == each["sha256"]
            outcomes.append("new" if receipt.new else "same")
    return outcomes


def lose(_meet, folder: str) -> None:
    """Lose the sealed file of every record that has come."""
    use(folder)
    for record in StationRecord.objects.all():
        storage.erase(record.stored_as)


def kept(_meet, folder: str) -> dict[str, object]:
    """What lies sealed under the records' names and what else does, and how often each came."""
    use(folder)
    records = StationRecord.objects.all()
    whole = [sha256(storage.read(it.stored_as)).hexdigest() == it.sha256 for it in records]
    files = [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()]
    came = Entry.objects.filter(action="photos.receive_record").values_list("subject", flat=True)
    return {"whole": whole, "files": len(files), "came": sorted(Counter(came).values())}


def open_all(meet, folder: str, record_ids: list[str]) -> None:
    use(folder)
    meet.wait(30)
    for record_id in record_ids:
        opened_now(actor=STATION, record_id=record_id)


def found(_meet) -> dict[str, object]:
    records = StationRecord.objects.values_list("state", "conflict")
    return {
        "records": Counter(records),
        "photos": Photo.objects.count(),
        "captures": Capture.objects.count(),
        "done": Booking.objects.filter(status="done").count(),
    }


# --- The races ------------------------------------------------------------------------------------


def mine(function: str) -> str:
    return f"{__name__}.{function}"


def sender_of_notes(racers: list, folder: str) -> Callable[[], Counter]:
    """Return a function that has all send the same notes of one person, and counts the outcomes."""
    first = racers[0]
    [person, *_rest] = first.run(mine("prepare"), folder)
    sealed = [first.run(mine("seal"), folder, person, "note") for _ in range(ROUNDS)]
    each = ([folder] * RACERS, [person] * RACERS, [sealed] * RACERS)

    def send() -> Counter:
        outcomes = together(racers, mine("send"), *each)
        return Counter(outcome for told in outcomes for outcome in told)

    return send


def test_a_record_sent_by_many_at_once_is_kept_once_and_all_get_the_receipt(own_database, tmp_path):
    with crew(own_database, RACERS) as racers:
        folder, first = str(tmp_path), racers[0]
        send = sender_of_notes(racers, folder)
        assert send() == {"new": ROUNDS, "same": ROUNDS * (RACERS - 1)}
        assert first.run(mine("found"))["records"] == {("received", ""): ROUNDS}


def test_lost_files_that_many_send_again_at_once_are_restored_once_each(own_database, tmp_path):
    with crew(own_database, RACERS) as racers:
        folder, first = str(tmp_path), racers[0]
        send = sender_of_notes(racers, folder)
        send()
        first.run(mine("lose"), folder)
        assert send() == {"same": ROUNDS * RACERS}
        assert first.run(mine("kept"), folder) == {
            "whole": [True] * ROUNDS,
            "files": ROUNDS,
            "came": [2] * ROUNDS,
        }


def test_of_other_bytes_under_one_id_the_first_stay_and_the_others_are_refused(
    own_database, tmp_path
):
    with crew(own_database, 2) as racers:
        folder, first = str(tmp_path), racers[0]
        [person, *_rest] = first.run(mine("prepare"), folder)
        pairs = [
            [first.run(mine("seal"), folder, person, "note") for _ in range(ROUNDS)]
            for _racer in racers
        ]
        for one, other in zip(*pairs, strict=True):
            other["record_id"] = one["record_id"]
        outcomes = together(racers, mine("send"), [folder] * 2, [person] * 2, pairs)
        assert sorted(Counter(zip(*outcomes, strict=True))) == sorted(
            {("new", "conflict"), ("conflict", "new")} & set(zip(*outcomes, strict=True))
        )
        assert first.run(mine("found"))["records"].total() == ROUNDS


def test_photos_opened_by_many_at_once_are_taken_in_once_each(own_database, tmp_path):
    with crew(own_database, 2) as racers:
        folder, first = str(tmp_path), racers[0]
        people = first.run(mine("prepare"), folder)[:2]
        ids = []
        for person in people:
            sealed = first.run(mine("seal"), folder, person, "photo")
            together(racers, mine("send"), [folder] * 2, [person] * 2, [[sealed]] * 2)
            ids.append(str(sealed["record_id"]))
        together(racers, mine("open_all"), [folder] * 2, [ids] * 2)
        assert first.run(mine("found")) == {
            "records": {("taken", ""): 2},
            "photos": 2,
            "captures": 2,
            "done": 2,
        }


def test_two_photos_of_one_person_opened_at_once_leave_one_photo_and_one_question(
    own_database, tmp_path
):
    with crew(own_database, 2) as racers:
        folder, first = str(tmp_path), racers[0]
        [person, *_rest] = first.run(mine("prepare"), folder)
        ids = []
        for _ in range(2):
            sealed = first.run(mine("seal"), folder, person, "photo")
            together(racers, mine("send"), [folder] * 2, [person] * 2, [[sealed]] * 2)
            ids.append(str(sealed["record_id"]))
        together(racers, mine("open_all"), [folder] * 2, [[each] for each in ids])
        tally = first.run(mine("found"))
        assert tally["records"] == {("taken", ""): 1, ("conflict", "two_photos"): 1}
        assert (tally["photos"], tally["done"]) == (1, 1)
