"""Values that may be chosen, as the columns of this room want them."""

from booking.domain.states import VisitKind


def choices(values: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in values]  # type: ignore[attr-defined]


def both_kinds() -> list[str]:
    """Return both kinds of visit: what a technician or a kit can do unless somebody says less."""
    return [kind.value for kind in VisitKind]
