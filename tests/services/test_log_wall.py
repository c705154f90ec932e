"""On PostgreSQL a request reads its own federations' lines alone, and writes in any chain."""

import pytest
from django.db import connection

from enrolment import wall
from enrolment.audit import queries
from enrolment.audit.models import Anchor, Entry, Head
from enrolment.audit.services import anchor_logs
from tests import builders
from tests.log_builders import findings, log, settle

pytestmark = pytest.mark.django_db


def test_another_federation_s_log_is_behind_the_wall(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    ours, theirs = builders.federation().pk, builders.federation().pk
    chains = {ours, theirs, None}
    for chain in chains:
        log(chain, 1)
    anchor_logs(now=Entry.objects.latest("at").at)
    with wall.narrowed([ours]):
        seen = [
            set(model.objects.values_list("federation_id", flat=True))
            for model in (Entry, Head, Anchor)
        ]
    assert seen == [{ours} if connection.vendor == "postgresql" else chains] * 3


def test_what_is_written_behind_the_wall_is_linked_in_any_chain():
    ours, theirs = builders.federation().pk, builders.federation().pk
    with wall.narrowed([ours]):
        for chain in (theirs, None, ours):
            log(chain, 2)
        settle()
        assert queries.head(ours).sequence == 2
    for chain in (ours, theirs, None):
        assert queries.head(chain).sequence == 2
        assert findings(chain) == []
