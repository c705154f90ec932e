"""Who gets which slot when a visit is cut anew: moved, shortened, lengthened, other stations."""

from collections.abc import Sequence

from booking.domain.slots import SlotTime


def reshare(
    held: Sequence[SlotTime], old: Sequence[SlotTime], new: Sequence[SlotTime]
) -> list[SlotTime | None]:
    """Return for each held slot the new one; None for those there is no room for.

    `held` are slots of `old`; `old` and `new` stand in order of time. A visit that begins when it
    did lets everybody keep a time that is left. One that begins otherwise keeps the people's order
    and the gaps between them. Whoever is left over gets the earliest free slot, in the order held.
    """
    stays = bool(old and new) and old[0].starts_at == new[0].starts_at
    found: list[SlotTime | None] = [
        _same(slot, new) if stays else _likewise(slot, old, new) for slot in held
    ]
    free = iter(sorted(set(new) - {slot for slot in found if slot}))
    return [slot or next(free, None) for slot in found]


def _same(slot: SlotTime, new: Sequence[SlotTime]) -> SlotTime | None:
    return slot if slot in new else None


def _likewise(slot: SlotTime, old: Sequence[SlotTime], new: Sequence[SlotTime]) -> SlotTime | None:
    place = old.index(slot)
    return new[place] if place < len(new) else None
