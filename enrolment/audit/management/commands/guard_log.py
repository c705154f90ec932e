"""Make the log's triggers anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from enrolment.audit import triggers


class Command(BaseCommand):
    help = "Make the triggers of the log anew, such as after a restore; it changes no line."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        gone = triggers.missing(connection)
        triggers.guard(connection)
        if options["verbosity"]:
            self.stdout.write(f"Loggen är vaktad. Det som saknades: {', '.join(gone) or 'inget'}.")
