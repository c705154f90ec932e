"""Travel times in the house: the sources in their order, the file, the engine, the drives."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking.domain.matrix_file import MatrixCode
from booking.domain.travel import Source, modelled
from booking.models import Drive, Technician, TravelTime, Visit
from booking.queries.travel import (
    bases,
    factors,
    last_fetch,
    matrix,
    place_of_base,
    place_of_unit,
    places_of_units,
)
from booking.queries.travel_setup import travel_setup
from booking.routing import Engine, RoutingCode, RoutingFault, ask
from booking.services import travel as services
from booking.services.refusals import NotDriven
from booking.services.travel import (
    MatrixRefused,
    fetch_matrix_file,
    fetch_travel_times,
    fetch_travel_times_of_all,
    note_drive,
    remove_matrix,
    take_matrix,
    use_learned,
)
from booking.services.visits import cancel_visit
from enrolment import outside
from enrolment.audit.models import Entry
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.models import CareUnit
from tests import builders, routing_builders
from tests import staff_file_builders as files

pytestmark = pytest.mark.django_db
HEAD = ["Från", "Till", "Minuter", "Km"]
SPOTS = {"Skara": (58.3866, 13.4387), "Vara": (58.2620, 12.9540), "Götene": (58.5281, 13.4920)}


@pytest.fixture
def federation():
    return builders.federation()


@pytest.fixture
def technician(federation):
    return builders.technician(federation)


@pytest.fixture
def units(federation):
    municipality = builders.municipality(federation)
    return [moved(builders.unit(municipality, name), *spot) for name, spot in SPOTS.items()]


@pytest.fixture
def places(technician, units):
    return [place_of_base(technician), *map(place_of_unit, units)]


def moved(unit, latitude, longitude, **more):
    CareUnit.objects.filter(pk=unit.pk).update(latitude=latitude, longitude=longitude, **more)
    unit.refresh_from_db()
    return unit


def take(federation, *rows):
    content = files.as_csv([HEAD, *rows])
    return take_matrix(
        actor=builders.user(), federation=federation, name="tider.csv", content=content
    )


def lines(federation, action):
    return list(Entry.objects.filter(federation_id=federation.pk, action=action))


# --- Sources in their order ---------------------------------------------------------------------


def test_without_anything_else_the_model_answers(federation, places):
    found = matrix(federation, places)
    assert found.keys == tuple(place.key for place in places)
    assert found.seconds[0][1] == round(modelled(places[0], places[1]).minutes * 60)
    assert set(found.sources[0]) == {Source.SAME, Source.MODEL}


def test_the_units_own_road_counts_to_its_base(federation, technician, units):
    moved(units[0], *SPOTS["Skara"], km_to_base=25)
    places = [place_of_base(technician), place_of_unit(units[0])]
    assert matrix(federation, places).km[0][1] == 25


def test_another_federations_times_are_not_used(federation, places):
    key = {"origin": places[0].key, "destination": places[1].key, "minutes": 99}
    TravelTime.objects.create(federation=builders.federation(), source="matrix", **key)
    assert matrix(federation, places).sources[0][1] == Source.MODEL


def test_the_number_of_queries_does_not_grow_with_the_places(
    federation, technician, django_assert_num_queries
):
    municipality = builders.municipality(federation)
    use_learned(actor=builders.user(), federation=federation, on=True)
    for size in (2, 20):
        for _number in range(size):
            builders.unit(municipality)
        places = [place_of_base(technician), *places_of_units(federation)]
        with django_assert_num_queries(4):
            matrix(federation, places)


# --- A file of one's own ------------------------------------------------------------------------


def test_a_file_goes_before_everything_and_its_holes_are_counted(federation, places, units):
    report = take(federation, ["Lidköping", units[0].hsa_id, "21,5", "26"])
    assert (report.ways, report.holes, report.warnings) == (1, 5, [])
    found = matrix(federation, places)
    assert (found.seconds[0][1], found.seconds[1][0], found.km[0][1]) == (1290, 1290, 26)
    assert found.sources[0] == ("same", "matrix", "model", "model")


def test_a_new_file_replaces_the_one_before_and_can_be_removed(federation, places, units):
    take(federation, ["Lidköping", units[0].hsa_id, "21", ""])
    take(federation, ["Lidköping", units[1].hsa_id, "35", ""])
    assert matrix(federation, places).sources[0] == ("same", "model", "matrix", "model")
    remove_matrix(actor=builders.user(), federation=federation)
    assert "matrix" not in matrix(federation, places).sources[0]
    assert [line.details["ways"] for line in lines(federation, "booking.remove_matrix")] == [1]


def test_a_wrong_row_refuses_the_file_and_keeps_the_one_before(federation, places, units):
    take(federation, ["Lidköping", units[0].hsa_id, "21", ""])
    with pytest.raises(MatrixRefused) as refused:
        take(
            federation,
            ["Lidköping", units[1].hsa_id, "35", ""],
            ["Lidköping", units[2].hsa_id, "-5", ""],
        )
    assert [(f.row, f.code) for f in refused.value.faults] == [(3, MatrixCode.NEGATIVE)]
    assert matrix(federation, places).sources[0] == ("same", "matrix", "model", "model")


def test_another_federations_unit_is_an_unknown_place(federation, technician):
    with pytest.raises(MatrixRefused) as refused:
        take(federation, ["Lidköping", builders.unit().hsa_id, "21", ""])
    assert refused.value.faults[0].code == MatrixCode.UNKNOWN_PLACE


def test_a_file_that_is_none_is_refused(federation):
    with pytest.raises(StaffFileError):
        take_matrix(actor=builders.user(), federation=federation, name="tider.csv", content=b"%PDF")
    assert lines(federation, "booking.take_matrix") == []


def test_the_fetched_file_can_be_uploaded_again(federation, places):
    before = matrix(federation, places)
    content = fetch_matrix_file(actor=builders.user(), federation=federation)
    report = take_matrix(
        actor=builders.user(), federation=federation, name="kortider.csv", content=content
    )
    after = matrix(federation, places)
    assert (report.ways, report.holes, report.warnings) == (6, 0, [])
    assert set(after.sources[0][1:]) == {"matrix"}
    assert after.seconds[0] == pytest.approx(before.seconds[0], abs=4)
    assert len(lines(federation, "booking.fetch_matrix_file")) == 1


# --- The routing engine -------------------------------------------------------------------------


@pytest.fixture(params=["osrm", "valhalla"])
def engine(request, settings):
    with routing_builders.engine() as made:
        settings.OSRM_URL = made.address if request.param == "osrm" else ""
        settings.VALHALLA_URL = made.address if request.param == "valhalla" else ""
        made.name = request.param
        yield made


def fetch(federation, **more):
    return fetch_travel_times(federation_id=federation.pk, **more)


def test_the_engine_is_asked_once_and_its_answers_are_kept(federation, places, engine):
    assert fetch(federation) == 12
    found = matrix(federation, places)
    assert (found.seconds[0][1], found.km[0][1]) == (1_500 + 120, 26)
    assert set(found.sources[0][1:]) == {engine.name}
    assert fetch(federation, asked=True) == 0
    assert len(engine.asked) == 1


def test_osrm_is_asked_for_a_table_of_longitudes_and_latitudes(federation, places, settings):
    with routing_builders.engine() as made:
        settings.OSRM_URL = f"{made.address}/vag/"
        fetch(federation)
    ((method, path, _body),) = made.asked
    assert method == "GET"
    assert path.startswith("/vag/table/v1/driving/13.15770,58.50520;")
    assert path.endswith("annotations=duration,distance&sources=0;1;2;3&destinations=4;5;6;7")


def test_valhalla_is_asked_for_a_matrix_by_car(federation, places, settings):
    with routing_builders.engine() as made:
        settings.VALHALLA_URL = made.address
        fetch(federation)
    ((method, path, body),) = made.asked
    assert (method, path, body["costing"]) == ("POST", "/sources_to_targets", "auto")
    assert body["sources"][0] == {"lat": 58.5052, "lon": 13.1577}
    assert body["sources"] == body["targets"]


def test_off_by_default_nothing_is_asked(federation, places):
    assert fetch(federation, asked=True) == fetch_travel_times_of_all() == 0
    assert TravelTime.objects.count() == 0


def test_a_place_that_moved_voids_its_answers_until_it_is_asked_again(
    federation, technician, units, places, engine
):
    fetch(federation)
    moved(units[0], 58.39, 13.45)
    places = [place_of_base(technician), *map(place_of_unit, units)]
    found = matrix(federation, places)
    assert found.sources[0] == ("same", "model", engine.name, engine.name)
    fetch(federation, asked=True)
    assert matrix(federation, places).sources[0][1] == engine.name


def test_an_uploaded_way_goes_before_the_engines(federation, units, places, engine):
    fetch(federation)
    take(federation, ["Lidköping", units[0].hsa_id, "21", ""])
    assert matrix(federation, places).sources[0][1:] == ("matrix", engine.name, engine.name)


def test_a_place_outside_sweden_is_never_sent(federation, units, places, engine):
    moved(units[0], 0, 0)
    assert fetch(federation) == 6


def test_where_there_is_no_road_the_model_goes_on(federation, places, engine):
    engine.no_road = True
    assert fetch(federation) == 0
    assert matrix(federation, places).sources[0][1] == Source.MODEL


def test_it_is_not_asked_again_within_an_hour_unless_somebody_wishes(
    federation, units, places, engine, monkeypatch
):
    assert fetch_travel_times_of_all() == 12
    builders.unit(units[0].municipality, "Ny")
    assert fetch_travel_times_of_all() == 0
    assert fetch(federation, asked=True) == 20
    builders.unit(units[0].municipality, "Nyare")
    monkeypatch.setattr(services, "ASK_AGAIN_AFTER", timedelta(0))
    assert fetch_travel_times_of_all() == 30
    assert last_fetch(federation).details["ways"] == 30


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 500}, RoutingCode.STATUS),
        ({"status": 302, "location": "https://192.0.2.1/"}, RoutingCode.STATUS),
        ({"content": b"<html>"}, RoutingCode.BAD_ANSWER),
        ({"content": b"[" * 100_000}, RoutingCode.BAD_ANSWER),
        ({"content": b"null"}, RoutingCode.BAD_ANSWER),
        ({"content": b'{"code":"Ok","durations":[[1]]}'}, RoutingCode.BAD_ANSWER),
        ({"content": b" " * 5_000_001}, RoutingCode.TOO_LARGE),
    ],
)
def test_a_bad_answer_is_told_and_the_model_is_used_instead(
    federation, places, engine, answer, code
):
    for name, value in answer.items():
        setattr(engine, name, value)
    assert fetch(federation) == 0
    assert [line.details["fault"] for line in lines(federation, "booking.travel_times_failed")] == [
        code
    ]
    assert matrix(federation, places).sources[0][1] == Source.MODEL
    assert len(engine.asked) == 1


def test_an_engine_that_drips_is_not_waited_for(places, monkeypatch):
    monkeypatch.setattr(outside, "ANSWER_SECONDS", -1)
    with routing_builders.engine() as made, pytest.raises(RoutingFault) as fault:
        ask(Engine(Source.OSRM, made.address), places[:1], places[1:2])
    assert fault.value.code == RoutingCode.TOO_SLOW


@pytest.mark.parametrize("second", ["-1", '"5"', "true", "NaN", "1e9", "[]"])
def test_a_number_that_is_none_is_a_bad_answer(places, second):
    with routing_builders.engine() as made:
        made.content = f'{{"code":"Ok","durations":[[{second}]]}}'.encode()
        with pytest.raises(RoutingFault) as fault:
            ask(Engine(Source.OSRM, made.address), places[:1], places[1:2])
        assert fault.value.code == RoutingCode.BAD_ANSWER
        made.content = b'{"code":"Ok","durations":[[60]]}'
        (answers,) = ask(Engine(Source.OSRM, made.address), places[:1], places[1:2])
        assert (answers[0].minutes, answers[0].km) == (1.0, None)


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.1/",
        "http://localhost.example/",
        "ftp://127.0.0.1/",
        "https://kim:hemligt@osrm.example/",
        "https:///",
        "http://127.0.0.1:port/",
        "osrm.example",
    ],
)
def test_only_https_or_this_machine_is_asked(places, address):
    with pytest.raises(RoutingFault) as fault:
        ask(Engine(Source.OSRM, address), places[:1], places[1:])
    assert fault.value.code == RoutingCode.ADDRESS


def test_an_engine_that_is_gone_is_unreachable(places):
    with routing_builders.engine() as made:
        address = made.address
    with pytest.raises(RoutingFault) as fault:
        ask(Engine(Source.VALHALLA, address), places[:1], places[1:])
    assert fault.value.code == RoutingCode.UNREACHABLE


def test_a_large_federation_is_asked_about_in_blocks(federation, technician, engine):
    municipality = builders.municipality(federation)
    for _number in range(59):
        builders.unit(municipality)
    assert fetch(federation) == 60 * 59
    assert len(engine.asked) == 4


# --- Drives and what they teach -----------------------------------------------------------------


def driven(unit, technician, hour=9, days_ago=1):
    visit = builders.visit(unit, technician, hours=1, starts_at=builders.tomorrow(hour))
    back = timedelta(days=1 + days_ago)
    Visit.objects.filter(pk=visit.pk).update(
        starts_at=visit.starts_at - back, ends_at=visit.ends_at - back
    )
    visit.refresh_from_db()
    return visit


def test_a_drive_is_kept_beside_what_was_reckoned_from_the_base(technician, units):
    drive = note_drive(actor=technician.user, visit=driven(units[0], technician), minutes=31)
    expected = modelled(place_of_base(technician), place_of_unit(units[0]))
    assert (drive.km, drive.expected_minutes, drive.minutes) == (
        pytest.approx(expected.km),
        pytest.approx(expected.minutes),
        31,
    )


def test_the_second_visit_of_a_day_is_driven_to_from_the_first(technician, units):
    driven(units[0], technician, hour=9)
    cancelled = driven(units[1], technician, hour=11)
    Visit.objects.filter(pk=cancelled.pk).update(status="cancelled")
    second = driven(units[2], technician, hour=13)
    drive = note_drive(actor=technician.user, visit=second, minutes=20)
    assert drive.km == pytest.approx(modelled(place_of_unit(units[0]), place_of_unit(units[2])).km)


def test_a_drive_noted_again_is_corrected_and_no_file_or_factor_is_taught(
    federation, technician, units
):
    take(federation, ["Lidköping", units[0].hsa_id, "999", ""])
    visit = driven(units[0], technician)
    for minutes in (300, 30):
        note_drive(actor=technician.user, visit=visit, minutes=minutes)
    drive = Drive.objects.get()
    assert drive.minutes == 30
    assert drive.expected_minutes < 60
    assert len(lines(federation, "booking.note_drive")) == 2


def test_nobody_has_driven_to_a_visit_to_come_or_one_called_off(technician, units):
    coming = builders.visit(units[0], technician)
    with pytest.raises(NotDriven):
        note_drive(actor=technician.user, visit=coming, minutes=30)
    gone = cancel_visit(actor=technician.user, visit=driven(units[0], technician, hour=13))
    with pytest.raises(NotDriven):
        note_drive(actor=technician.user, visit=gone, minutes=30)
    assert Drive.objects.count() == 0


def test_five_drives_teach_a_factor_that_is_used_when_the_rule_is_on(
    federation, technician, units, places
):
    before = matrix(federation, places).seconds[0][1]
    for days_ago in range(1, 6):
        visit = driven(units[0], technician, days_ago=days_ago)
        note_drive(actor=technician.user, visit=visit, minutes=round(before / 60 * 1.5))
    learned = next(factor.factor for factor in factors(federation) if factor.factor)
    assert learned == pytest.approx(1.5, abs=0.03)
    assert matrix(federation, places).seconds[0][1] == before
    actor = builders.user()
    use_learned(actor=actor, federation=federation, on=True)
    assert matrix(federation, places).seconds[0][1] == pytest.approx(before * learned, abs=1)
    assert matrix(federation, places, learned=False).seconds[0][1] == before
    use_learned(actor=actor, federation=federation, on=False)
    assert matrix(federation, places).seconds[0][1] == before


# --- What the page shows ------------------------------------------------------------------------


def test_the_page_tells_each_units_way_and_what_is_odd(federation, technician, units):
    moved(units[1], 58.0, 18.0)
    setup = travel_setup(federation, timezone.localdate())
    assert [(row.unit.name, row.odd) for row in setup.units] == [
        ("Vara", "outside"),
        ("Götene", None),
        ("Skara", None),
    ]
    assert setup.units[1].base == "Lidköping"
    assert setup.sources == {Source.MODEL: 3}


def test_without_a_base_there_is_no_way(federation, units):
    setup = travel_setup(federation, timezone.localdate())
    assert [row.leg for row in setup.units] == [None, None, None]


def test_each_unit_is_measured_from_its_nearest_base(federation, technician, units):
    far = builders.technician(federation)
    Technician.objects.filter(pk=far.pk).update(base="Vara", latitude=58.26, longitude=12.95)
    setup = travel_setup(federation, timezone.localdate())
    assert {row.unit.name: row.base for row in setup.units} == {
        "Skara": "Lidköping",
        "Götene": "Lidköping",
        "Vara": "Vara",
    }
    assert len(bases(federation)) == 2
