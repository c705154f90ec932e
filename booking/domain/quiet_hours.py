"""The hours in which nobody is woken by an SMS."""

from datetime import datetime, time, timedelta


def after_quiet(moment: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """Return the moment itself, or within the quiet hours when they end.

    `moment` has the time zone in which the two times of day are meant. The hours may go past
    midnight; where both times are the same there are none.
    """
    clock = moment.time()
    past_midnight = quiet_from > quiet_until
    evening = past_midnight and clock >= quiet_from
    morning = clock < quiet_until and (past_midnight or clock >= quiet_from)
    if not (evening or morning):
        return moment
    day = moment.date() + timedelta(days=evening)
    return datetime.combine(day, quiet_until, tzinfo=moment.tzinfo)
