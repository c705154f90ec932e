"""What the queue runs for the log."""

from django.utils import timezone

from enrolment.audit import services


def anchor_logs() -> None:
    """Anchor each chain that has no anchor today."""
    services.anchor_logs(now=timezone.now())
