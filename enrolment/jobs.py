"""The one door to django-q2.

The rows are the truth and the queue is a doorbell: a task is named by its dotted path, takes ids,
may run twice, and is rung again each minute for whatever a lost ring left behind.
"""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule
from django_q.tasks import async_task


def ring(task: str, *ids: str) -> None:
    """Run the task with these ids once the transaction has committed.

    A ring that fails is logged and no more: the rows are written, and the sweeper rings again.
    """
    transaction.on_commit(partial(_run, task, ids), robust=not settings.JOBS_INLINE)


def _run(task: str, ids: tuple[str, ...]) -> None:
    if settings.JOBS_INLINE:
        import_string(task)(*ids)
    else:
        async_task(task, *ids)


def schedule_sweepers() -> None:
    """Write down the tasks that look for overdue work each minute, and only those."""
    wanted = settings.JOBS_EACH_MINUTE
    Schedule.objects.exclude(func__in=wanted).delete()
    for task in wanted:
        Schedule.objects.update_or_create(
            func=task,
            defaults={"name": task, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1},
        )
