"""What to tell somebody about a ward's staffing: one sentence for each thing in the way."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.domain.staffing import Binding, Bound, Span, Why

LEFT: Mapping[Why, Promise] = {
    Why.NOT_AT_WORK: gettext_lazy("Is not at work at any of the times."),
    Why.BUSY: gettext_lazy("Is busy at all the times."),
    Why.STRUCK: gettext_lazy("Has struck out every time that is left."),
    Why.NO_ROOM: gettext_lazy("There is no time that keeps the ward staffed."),
}

UNFIT: Mapping[Why, Promise] = {
    Why.NOT_AT_WORK: gettext_lazy("Is not at work then."),
    Why.BUSY: gettext_lazy("Is busy then."),
    Why.STRUCK: gettext_lazy("Has struck out this time."),
}


def in_the_way(bindings: Iterable[Binding]) -> list[str]:
    """Return a sentence for each rule that binds."""
    return [_sentence(binding) for binding in bindings]


def what_would_do(more_slots: int | None) -> str:
    """Return how many slots more would do; nothing where no number helps."""
    if not more_slots:
        return ""
    told = ngettext(
        "One more time would be enough.", "%(count)s more times would be enough.", more_slots
    )
    return told % {"count": more_slots}


def _sentence(binding: Binding) -> str:
    if binding.bound == Bound.MOST_AWAY:
        told = ngettext(
            "At most one person may be away at once.",
            "At most %(count)s people may be away at once.",
            binding.least,
        )
        return told % {"count": binding.least}
    if binding.bound == Bound.TOGETHER or binding.span is None:
        return _("The ward's rules together leave too few times.")
    return _minimum(binding, binding.span)


def _minimum(binding: Binding, span: Span) -> str:
    told = ngettext(
        "Between %(first)s and %(last)s one person must stay (%(whom)s).",
        "Between %(first)s and %(last)s %(count)s people must stay (%(whom)s).",
        binding.least,
    )
    times = {"first": _clock(span.starts_at), "last": _clock(span.ends_at)}
    whom = binding.title.lower() or _("of all staff")
    return told % {"count": binding.least, "whom": whom, **times}


def _clock(instant: datetime) -> str:
    local = timezone.localtime(instant)
    return f"{local.hour}.{local:%M}"
