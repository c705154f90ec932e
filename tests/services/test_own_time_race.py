"""An offered slot goes to one person when everybody answers, books and swaps at once."""

from collections import Counter
from datetime import timedelta

from django.db import DatabaseError, transaction

from booking.domain.own_time import DeclineReason
from booking.models import Booking, OwnLink, Slot, Waiting
from booking.services.bookings import book_slot
from booking.services.own_links import OwnHand, own_way
from booking.services.own_time import accept_offer, give_up, take_slot
from booking.services.refusals import OfferGone, SlotTaken
from booking.services.waitlist import decline_offer
from enrolment.people.models import CardNeed
from tests import builders
from tests import own_time_builders as own
from tests.services.racing import crew, together

ROUNDS = 8


@transaction.atomic
def prepare(_meet) -> list[tuple[str, int, str]]:
    """Offer each slot of a full visit to somebody; return offer, slot and a rival's need."""
    visit = builders.visit(hours=2, slot_minutes=13)
    booked = own.full(visit)[:ROUNDS]
    for _ in booked:
        own.waiting(visit)
    for booking in booked:
        give_up(link=own.link(booking), reason=DeclineReason.OTHER)
    rivals = [builders.need(builders.staff(visit.unit)) for _ in booked]
    offers = visit.waiting.filter(status="offered").order_by("slot__starts_at")
    return [
        (str(offer.pk), offer.slot_id, str(rival.pk))
        for offer, rival in zip(offers, rivals, strict=True)
    ]


def answer(meet, verbs: list[str], rounds: list[tuple[str, int, str]]) -> list[str]:
    outcomes = []
    for verb, (offer, slot, rival) in zip(verbs, rounds, strict=True):
        waiting = Waiting.objects.get(pk=offer)
        meet.wait(30)
        outcomes.append(attempt(verb, waiting, slot, rival))
    return outcomes


def attempt(verb: str, waiting: Waiting, slot: int, rival: str) -> str:
    hand = OwnHand(waiting.pk)
    try:
        if verb == "accept":
            accept_offer(actor=hand, waiting=waiting)
        elif verb == "decline":
            decline_offer(actor=hand, waiting=waiting)
        else:
            need = CardNeed.objects.get(pk=rival)
            book_slot(actor=hand, slot=Slot.objects.get(pk=slot), need=need)
    except (OfferGone, SlotTaken):
        return "refused"
    except DatabaseError as error:
        return f"{type(error).__name__}: {error}"
    return verb


def outcome(_meet, rounds: list[tuple[str, int, str]]) -> list[tuple[str, list[str]]]:
    """Return for each offer how it stands, and the needs of those who have its slot."""
    kept = Booking.objects.exclude(status="cancelled")
    return [
        (
            Waiting.objects.get(pk=offer).status,
            [str(need) for need in kept.filter(slot=slot).values_list("need", flat=True)],
        )
        for offer, slot, _rival in rounds
    ]


def prepare_swap(_meet, people: int) -> tuple[list[str], int]:
    visit = builders.visit(hours=2, slot_minutes=13)
    for _ in range(people):
        own.booked(visit)
    own.striking(visit, timedelta(minutes=-1))
    links = [own_way(visit=visit, need=booking.need).link for booking in visit.bookings.all()]
    return [str(link.pk) for link in links], own.slots(visit)[-1].pk


def swap(meet, link_id: str, slot_id: int) -> str:
    link, slot = OwnLink.objects.get(pk=link_id), Slot.objects.get(pk=slot_id)
    meet.wait(30)
    try:
        take_slot(link=link, slot=slot)
    except SlotTaken:
        return "taken"
    except DatabaseError as error:
        return f"{type(error).__name__}: {error}"
    return "moved"


def mine(function: str) -> str:
    return f"{__name__}.{function}"


def test_an_offered_slot_and_a_free_slot_go_to_one_person(own_database):
    with crew(own_database, 3) as racers:
        rounds = racers[0].run(mine("prepare"))
        assert len(rounds) == ROUNDS
        verbs = [["accept"] * ROUNDS, ["accept", "decline"] * (ROUNDS // 2), ["book"] * ROUNDS]
        said = together(racers, mine("answer"), verbs, [rounds] * 3)
        stands = racers[0].run(mine("outcome"), rounds)
        links, slot = racers[0].run(mine("prepare_swap"), 3)
        swapped = together(racers, mine("swap"), links, [slot] * 3)
    for turn, (status, holders) in enumerate(stands):
        check_turn([each[turn] for each in said], status, holders, rival=rounds[turn][2])
    assert Counter(swapped) == {"moved": 1, "taken": 2}


def check_turn(answers: list[str], status: str, holders: list[str], rival: str) -> None:
    """Nobody failed, one person at most has the slot, and it is the one who was told so."""
    assert set(answers) <= {"accept", "decline", "book", "refused"}
    accepted, booked = "accept" in answers, "book" in answers
    assert len(holders) == accepted + booked <= 1
    assert (status == "taken") == accepted
    assert (rival in holders) == booked
