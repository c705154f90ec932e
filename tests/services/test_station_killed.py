"""The server is killed at each step of taking a record in: none is torn, lost or doubled."""

from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from photos import storage
from photos.models import StationRecord
from photos.services.station.opening import open_record
from photos.services.station.records import RecordReceipt, receive_record
from photos.services.station.taking import STATION
from tests import station_builders
from tests.services import killing
from tests.services.racing import crew
from tests.services.test_station_race import loaded, use

# Storing, the row, its line in the log, opening: far more steps than these would be a surprise.
LEAST_STEPS, MOST_STEPS = 20, 200


def kill_at_each_step(_meet, folder: str, booking_id: str, lost: bool) -> tuple[int, list[str]]:
    """Kill a child before its n-th call of disk or database, for every n; tell what was wrong.

    With `lost` it sends again what has come before and whose file is gone.
    """
    use(folder)
    booking, wrong = loaded(booking_id), []
    for place in count(1):
        sending = station_builders.sent(booking.visit, booking.pk, kind="note", note="Hej")
        if lost:
            lose(receive_record(**sending).record_id)
        if not killing._is_killed(lambda at=place, told=sending: work(told, at)):
            return place - 1, wrong
        wrong += [f"{place}: {fault}" for fault in faults_after(sending, lost)]
    raise AssertionError


def lose(record_id: UUID) -> None:
    storage.erase(StationRecord.objects.get(pk=record_id).stored_as)


def work(sending: dict, place: int | None = None) -> RecordReceipt:
    if place is not None:
        killing.before_each_step(killing._dying_at(place))
    receipt = receive_record(**sending)
    open_record(actor=STATION, record_id=receipt.record_id)
    return receipt


def faults_after(sending: dict, lost: bool) -> list[str]:
    """Look at what a kill left behind, then send again as the laptop would."""
    record = StationRecord.objects.filter(pk=sending["record_id"]).first()
    faults = []
    if record and record.state == "received" and not is_whole(record, sending, lost):
        faults.append("torn")
    if work(sending).sha256 != sending["sha256"]:
        faults.append("another receipt")
    found = list(StationRecord.objects.filter(pk=sending["record_id"]))
    if [each.state for each in found] != ["taken"] or found[0].header["note"] != "Hej":
        faults.append("lost")
    return faults


def is_whole(record: StationRecord, sending: dict, lost: bool) -> bool:
    """Say whether the row's file is whole; one that was lost may not be there yet."""
    try:
        return storage.read(record.stored_as) == sending["data"]
    except FileNotFoundError:
        return lost


@pytest.mark.parametrize("lost", [False, True], ids=["new", "lost"])
def test_killed_at_any_step_a_record_is_whole_or_not_there_and_the_next_try_takes_it_in(
    own_database, tmp_path: Path, lost: bool
):
    with crew(own_database, 1) as [racer]:
        [person, *_rest] = racer.run("tests.services.test_station_race.prepare", str(tmp_path))
        steps, wrong = racer.run(f"{__name__}.kill_at_each_step", str(tmp_path), person, lost)
        assert wrong == []
        assert LEAST_STEPS <= steps <= MOST_STEPS
