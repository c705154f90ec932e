"""On PostgreSQL the database itself keeps a request to the federations of whoever is logged in.

Also where a door of `access.py` stands open: these tests ask for all rows, and leave doors open.
"""

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.urls import reverse

from enrolment import wall
from enrolment.middleware import federation_wall
from enrolment.people import access
from enrolment.people.models import Federation, Municipality, Staff, User
from tests import builders
from tests.browser import pages

pytestmark = pytest.mark.postgresql

ROOMS = ("people", "booking", "photos", "cards", "outgoing", "audit")
# Tables without a wall, and why.
OPEN = {
    "people_user": "who logs in is looked up before it is known whose it is; a name and an address",
    "people_membership": "says which federations a request reaches, so it is read before",
    "cards_issuertoken": "tells whose a request to the API is; holds digests",
    "auth_group": "Django's own, empty",
    "auth_group_permissions": "Django's own, empty",
    "auth_permission": "Django's own: names of models",
    "django_content_type": "Django's own: names of models",
    "django_migrations": "Django's own: names of migrations",
    "django_session": "read before it is known who asks; the key is the secret",
    "django_q_ormq": "the queue's: names of tasks and ids",
    "django_q_schedule": "the queue's: names of tasks",
    "django_q_task": "the queue's: names of tasks and ids",
}


def walled_models() -> list:
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in ROOMS]
    return [model for model in models if model._meta.db_table not in OPEN]


def rows(model) -> set:
    return set(model.objects.values_list("pk", flat=True))


def reach() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fotorundan.federations', true)")
        return cursor.fetchone()[0]


# --- Every table ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_table_stands_behind_the_wall_or_is_listed_with_its_reason():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity AND EXISTS ("
            "  SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polcmd = '*')"
            " FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        walls = dict(cursor.fetchall())
    assert {table for table, behind in walls.items() if not behind} == set(OPEN)


@pytest.mark.django_db
def test_the_role_of_these_tests_is_no_exception():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db
def test_all_rows_of_all_models_are_those_of_ones_own_federation():
    ours, theirs = (pages.world()[1]["administrator"] for _ in range(2))
    for model in walled_models():
        everything = rows(model)
        with wall.narrowed(access.federation_ids(ours)):
            seen = rows(model)
        with wall.narrowed(access.federation_ids(theirs)):
            seen_by_them = rows(model)
        with wall.narrowed([]):
            assert rows(model) == set(), model
        assert not seen & seen_by_them, model
        assert bool(seen) == bool(seen_by_them) == bool(everything), model
        assert not everything - seen - seen_by_them or model._meta.app_label == "audit", model


# --- Reading and changing -------------------------------------------------------------------------


@pytest.fixture
def theirs(db) -> Staff:
    return builders.staff(given_name="Deras")


@pytest.fixture
def ours(db) -> User:
    return builders.user("administrator", within=builders.federation())


def asked(user: User, question) -> HttpResponse:
    """Ask as a view would that knows of no door."""
    request = type("Request", (), {"user": user})()
    return federation_wall(lambda _request: question())(request)


def test_a_request_reads_and_changes_nothing_of_another_federation(ours, theirs):
    assert asked(ours, Staff.objects.all().count) == 0
    assert asked(ours, lambda: Staff.objects.filter(pk=theirs.pk).update(given_name="Vår")) == 0
    assert asked(ours, lambda: Federation.objects.exclude(pk=None).count()) == 1
    theirs.refresh_from_db()
    assert theirs.given_name == "Deras"


def test_a_request_adds_nothing_to_another_federation(ours, theirs):
    def add():
        with transaction.atomic():
            Municipality.objects.create(federation_id=theirs.federation_id, code="0001", name="X")

    with pytest.raises(ProgrammingError, match="row-level security"):
        asked(ours, add)
    assert reach() == "*"


def test_nobody_logged_in_reaches_nothing(theirs):
    assert asked(AnonymousUser(), Staff.objects.all().count) == 0


def test_with_a_door_left_open_the_page_of_a_stranger_is_not_there(
    log_in, ours, theirs, monkeypatch
):
    page = reverse("people:staff", args=[theirs.pk])
    everybody = Staff.objects.select_related("unit__municipality__federation")
    monkeypatch.setattr(access, "staff", lambda *_who: everybody.all())
    own = builders.user("administrator", within=theirs.federation)
    assert log_in(own).get(page).status_code == 200
    assert log_in(ours).get(page).status_code == 404


def test_outside_a_request_everything_is_reached(ours, theirs):
    assert asked(ours, reach) == str(ours.memberships.get().federation_id)
    assert reach() == "*"
    assert Federation.objects.count() == 2


def test_somebody_with_two_federations_reaches_both(theirs):
    user = builders.user("administrator", within=builders.federation())
    builders.give_role(user, "planner", theirs.federation)
    assert asked(user, Federation.objects.all().count) == 2


# --- However a block goes -------------------------------------------------------------------------


def test_the_wall_comes_back_after_it_was_lifted(theirs):
    with wall.narrowed([]):
        with wall.lifted():
            assert Staff.objects.count() == 1
        assert Staff.objects.count() == 0
    assert Staff.objects.count() == 1


def test_a_failed_transaction_leaves_the_wall_where_it_stood(own_database):
    staff = builders.staff()
    with wall.narrowed([]):
        with pytest.raises(ProgrammingError), transaction.atomic(), wall.lifted():
            Staff.objects.raw("SELECT nonsense")[0]
        assert Staff.objects.count() == 0
    with pytest.raises(ProgrammingError), transaction.atomic(), wall.narrowed([]):
        Staff.objects.raw("SELECT nonsense")[0]
    assert Staff.objects.get() == staff


def test_what_a_transaction_rolled_back_does_not_lift_the_wall(own_database):
    builders.staff()
    with wall.narrowed([]):
        with transaction.atomic():
            assert Staff.objects.count() == 0
            transaction.set_rollback(True)
        assert Staff.objects.count() == 0
    assert Staff.objects.count() == 1


def test_a_connection_made_anew_stands_behind_the_wall_too(own_database):
    builders.staff()
    with wall.narrowed([]):
        assert Staff.objects.count() == 0
        connection.close()
        assert Staff.objects.count() == 0
        with wall.lifted():
            connection.close()
            assert Staff.objects.count() == 1
        assert Staff.objects.count() == 0


def test_a_connection_that_was_told_nothing_sees_nothing(own_database):
    builders.staff()
    place = {"host": own_database["HOST"], "user": own_database["USER"]}
    with psycopg.connect(**place, dbname=own_database["NAME"]) as stranger:
        count = stranger.execute("SELECT count(*) FROM people_staff").fetchone()
    assert (Staff.objects.count(), count) == (1, (0,))


def test_a_page_that_asks_for_nothing_needs_no_database(client):
    assert client.get(reverse("desk:accessibility")).status_code == 200
