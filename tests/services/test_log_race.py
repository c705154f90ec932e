"""Many processes write to the same chains at once: no gap, no fork and nobody waits for ever."""

from uuid import UUID

from django.db import transaction

from enrolment.audit import queries
from enrolment.audit.services import System, record
from enrolment.people.models import Federation
from tests import builders
from tests.log_builders import findings
from tests.services.racing import PATIENCE, crew

HERE = "tests.services.test_log_race"
WRITERS = 4
TURNS = 25


def prepare(_meet) -> list[str]:
    return [str(builders.federation().pk) for _ in range(2)]


def write_to_both(meet, chains: list[str]) -> int:
    """Write a line in each chain in one transaction, over and over."""
    subject = Federation.objects.get(pk=chains[0])
    meet.wait(PATIENCE)
    for _turn in range(TURNS):
        with transaction.atomic():
            for chain in chains:
                record(actor=System("test"), action="x", subject=subject, federation_id=UUID(chain))
    return 0


def verify_meanwhile(meet, chains: list[str]) -> int:
    """Verify while the others write; return how many flaws were seen."""
    meet.wait(PATIENCE)
    return sum(len(findings(UUID(chain))) for _turn in range(TURNS) for chain in chains)


def test_two_chains_stay_whole_whoever_writes_to_them_in_which_order(own_database):
    with crew(own_database, 1) as [racer]:
        chains = racer.run(f"{HERE}.prepare")
    with crew(own_database, WRITERS + 1) as racers:
        reader, *writers = racers
        for number, writer in enumerate(writers):
            order = chains if number % 2 else chains[::-1]
            writer.start(f"{HERE}.write_to_both", order)
        flaws = reader.run(f"{HERE}.verify_meanwhile", chains)
        assert [writer.result() for writer in writers] == [0] * WRITERS
    assert flaws == 0
    for chain in chains:
        assert queries.head(UUID(chain)).sequence == WRITERS * TURNS
        assert findings(UUID(chain)) == []
