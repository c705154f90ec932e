"""Registers stand in Swedish order, whatever order the database has by itself."""

import pytest
from django.db import connection

from enrolment.people.domain.sorting import sort_key
from enrolment.people.models import CareUnit, Municipality, Staff
from tests import builders

pytestmark = pytest.mark.django_db

NAMES = ["Zorn", "Ödman", "andersson", "Åberg", "Eké", "Ärlig", "Eker", "Berg Svan", "Bergsten"]
SORTED = ["andersson", "Berg Svan", "Bergsten", "Eké", "Eker", "Zorn", "Åberg", "Ärlig", "Ödman"]


def test_a_with_ring_a_and_o_with_dots_come_last():
    unit = builders.unit()
    for name in NAMES:
        builders.staff(unit, given_name="Kim", family_name=name)
    in_order = Staff.objects.order_by("sort_key").values_list("family_name", flat=True)
    assert list(in_order) == SORTED
    assert sorted(NAMES, key=sort_key) == SORTED


@pytest.mark.postgresql
def test_every_sort_key_is_compared_by_code_point():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, collname, atttypmod - 4 FROM pg_attribute"
            " JOIN pg_collation ON pg_collation.oid = attcollation"
            " WHERE attname = 'sort_key' AND attrelid::regclass::text NOT LIKE '%order'"
        )
        found = {(table, collation, length) for table, collation, length in cursor.fetchall()}
    models = (CareUnit, Municipality, Staff)
    wanted = {(m._meta.db_table, "C", m._meta.get_field("sort_key").max_length) for m in models}
    assert found == wanted
