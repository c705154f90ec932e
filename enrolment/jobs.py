"""The one door to django-q2.

The rows are the truth and the queue is a doorbell: a task is named by its dotted path, takes ids,
may run twice, and is rung again each minute for whatever a lost ring left behind.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.module_loading import import_string
from django_q.models import Schedule, Success
from django_q.tasks import async_task

logger = logging.getLogger(__name__)

# How often the queue is asked for a sign of life, and how long without one it counts as dead.
BEAT_EVERY = timedelta(seconds=30)
DEAD_AFTER = timedelta(seconds=120)


def ring(task: str, *ids: str) -> None:
    """Run the task with these ids once the transaction has committed.

    The ring is a row of the same transaction. One that fails is logged and no more: the rows are
    written, and the sweeper rings again.
    """
    if settings.JOBS_INLINE:
        transaction.on_commit(partial(import_string(task), *ids))
        return
    try:
        # In a transaction django-q uses the connection there is; outside one it opens another.
        with transaction.atomic():
            async_task(task, *ids)
    except Exception:
        logger.exception("The queue was not told of %s.", task)


def schedule_sweepers() -> None:
    """Write down the tasks that look for overdue work each minute, and only those."""
    wanted = settings.JOBS_EACH_MINUTE
    Schedule.objects.exclude(func__in=wanted).delete()
    for task in wanted:
        Schedule.objects.update_or_create(
            func=task,
            defaults={"name": task, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1},
        )


def beat() -> None:
    """Do nothing: that it was done shows that the queue takes, does and writes down its tasks."""


def ask_for_beat() -> None:
    """Ask the queue for a sign of life."""
    async_task("enrolment.jobs.beat")


def last_beat() -> datetime | None:
    """Return when the queue last gave a sign of life, or None if it never did."""
    beats = Success.objects.filter(func="enrolment.jobs.beat")
    last: datetime | None = beats.aggregate(last=Max("stopped"))["last"]
    return last
