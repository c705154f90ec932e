"""Make the vault's keys."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from enrolment.audit.services import System
from enrolment.desk.services import create_keys


class Command(BaseCommand):
    help = "Make the vault's keys in the key folder; keys that are there stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        create_keys(actor=System("create_keys"))
        if options["verbosity"]:
            self.stdout.write(f"Nycklarna ligger i {settings.KEYS_DIR}. Säkerhetskopiera mappen.")
