"""When a receipt is overdue."""

from datetime import datetime, timedelta

SATURDAY = 5


def technical_due(delivered_at: datetime, hours: int) -> datetime:
    """Return by when the issuer says that it has the package: so many hours, night or day."""
    return delivered_at + timedelta(hours=hours)


def content_due(delivered_at: datetime, days: int) -> datetime:
    """Return by when the issuer has judged the orders: so many working days later.

    Weekdays are those of the time's own zone. Monday to Friday count as working days; a public
    holiday too, so that an alarm may come a day early: a reminder does no harm.
    """
    due, left = delivered_at, days
    while left > 0:
        due += timedelta(days=1)
        left -= due.weekday() < SATURDAY
    return due
