"""The queue's worker as a child process, whose leases run out soon, so that a wound heals soon."""

from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from enrolment.cards.services import batches  # noqa: E402
from enrolment.messages.services import sending  # noqa: E402

sending.LEASE = batches.LEASE = batches.REST = timedelta(seconds=2)
call_command("qcluster")
