"""Open a person's card need and move it along its stages."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from enrolment.audit.services import Actor, record
from enrolment.people import rules
from enrolment.people.domain import stages
from enrolment.people.domain.stages import Reason, Stage
from enrolment.people.models import CardNeed, CareUnit, Federation, Staff, StageChange

CHUNK = 500


class NeedAlreadyOpen(Exception):
    """The person has an open need: one card is made at a time."""


class PersonHasLeft(Exception):
    """Nobody who has left gets a card."""


@transaction.atomic
def open_need(*, actor: Actor, staff: Staff, reason: Reason, due_on: date) -> CardNeed:
    """Open a need for one person. Raises NeedAlreadyOpen or PersonHasLeft."""
    if Staff.objects.select_for_update(no_key=True).get(pk=staff.pk).left_on is not None:
        raise PersonHasLeft
    try:
        with transaction.atomic():
            need = CardNeed.objects.create(
                staff=staff, reason=reason, due_on=due_on, stage=Stage.NEEDS_CARD
            )
    except IntegrityError as error:
        raise NeedAlreadyOpen from error
    StageChange.objects.create(need=need, stage=need.stage, actor=actor.audit_name, why=reason)
    record(
        actor=actor,
        action="people.open_need",
        subject=need,
        federation_id=staff.federation_id,
        reason=reason,
        due_on=due_on.isoformat(),
    )
    return need


@transaction.atomic
def open_needs_by_rule(*, actor: Actor, unit: CareUnit, today: date) -> list[CardNeed]:
    """Open needs in one unit for cards that run out and for staff who have none."""
    renewal_days = rules.number("renewal_days", unit, today)
    new_card_days = rules.number("new_card_days", unit, today)
    wanted = []
    for staff in unit.staff.filter(left_on=None).exclude(needs__open=True):
        reason = _reason_by_rule(staff, today, renewal_days)
        if reason is not None:
            due_on = stages.due_date(reason, staff.card_expires, today, new_card_days)
            wanted.append(
                CardNeed(staff=staff, reason=reason, due_on=due_on, stage=Stage.NEEDS_CARD)
            )
    opened = _open_all(actor, wanted)
    record(
        actor=actor,
        action="people.open_needs_by_rule",
        subject=unit,
        federation_id=unit.municipality.federation_id,
        opened=len(opened),
    )
    return opened


def _open_all(actor: Actor, wanted: list[CardNeed]) -> list[CardNeed]:
    """Open many needs at once, but for people for whom somebody just opened one."""
    CardNeed.objects.bulk_create(wanted, CHUNK, ignore_conflicts=True)
    opened = list(CardNeed.objects.filter(pk__in=[need.pk for need in wanted]))
    _note_steps(actor, opened, {need.pk: need.reason for need in opened})
    return opened


def _reason_by_rule(staff: Staff, today: date, renewal_days: int) -> Reason | None:
    if staff.card_expires is None:
        return Reason.NEW
    return Reason.RENEWAL if stages.needs_renewal(staff.card_expires, today, renewal_days) else None


@transaction.atomic
def advance_need(*, actor: Actor, need: CardNeed, stage: Stage, why: str = "") -> CardNeed:
    """Move a need to its next stage. Raises StepNotAllowed (people.domain)."""
    current = CardNeed.objects.select_for_update().get(pk=need.pk)
    stages.check_step(Stage(current.stage), stage)
    current.stage = stage
    current.open = stage not in stages.CLOSED
    current.save(update_fields=["stage", "open"])
    StageChange.objects.create(need=current, stage=stage, actor=actor.audit_name, why=why)
    record(
        actor=actor,
        action="people.advance_need",
        subject=current,
        federation_id=need.staff.federation_id,
        stage=stage,
    )
    need.stage, need.open = current.stage, current.open
    return need


@transaction.atomic
def advance_needs(
    *, actor: Actor, federation: Federation, needs: list[CardNeed], stage: Stage, why: str = ""
) -> None:
    """Move needs of one federation, which the caller has locked, to a stage that ends none.

    Raises StepNotAllowed (people.domain) and then moves none.
    """
    for need in needs:
        stages.check_step(Stage(need.stage), stage)
    for need in needs:
        need.stage = stage
    CardNeed.objects.bulk_update(needs, ["stage"], batch_size=CHUNK)
    _note_steps(actor, needs, dict.fromkeys((need.pk for need in needs), why))
    record(
        actor=actor,
        action="people.advance_needs",
        subject=federation,
        federation_id=federation.pk,
        stage=stage,
        advanced=len(needs),
    )


@transaction.atomic
def lapse_needs_of(*, actor: Actor, federation: Federation, staff: list[Staff], why: str) -> int:
    """Let the open needs of these people lapse, such as when they have left; return how many."""
    held = CardNeed.objects.select_for_update().filter(staff__in=staff, open=True)
    needs = list(held.order_by("pk"))
    for need in needs:
        stages.check_step(Stage(need.stage), Stage.LAPSED)
        need.stage, need.open = Stage.LAPSED, False
    CardNeed.objects.bulk_update(needs, ["stage", "open"], batch_size=CHUNK)
    _note_steps(actor, needs, dict.fromkeys((need.pk for need in needs), why))
    record(
        actor=actor,
        action="people.lapse_needs_of",
        subject=federation,
        federation_id=federation.pk,
        lapsed=len(needs),
    )
    return len(needs)


def _note_steps(actor: Actor, needs: list[CardNeed], why: dict[UUID, str]) -> None:
    StageChange.objects.bulk_create(
        [
            StageChange(need=need, stage=need.stage, actor=actor.audit_name, why=why[need.pk])
            for need in needs
        ],
        CHUNK,
    )
