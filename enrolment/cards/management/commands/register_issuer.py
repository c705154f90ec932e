"""Register a card issuer."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from enrolment.audit.services import System
from enrolment.cards.models import Issuer
from enrolment.cards.services.issuers import register_issuer
from enrolment.people.models import Federation


class Command(BaseCommand):
    help = "Register a card issuer of a federation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the issuer's name, as on the delivery note")
        parser.add_argument("--federation", required=True, help="the federation's short name")
        parser.add_argument("--slug", required=True, help="a short name for packages and folders")
        parser.add_argument("--card-type", required=True, help="the issuer's own code for the card")
        parser.add_argument(
            "--environment", choices=Issuer.Environment.values, default=Issuer.Environment.TEST
        )
        parser.add_argument(
            "--personnummer",
            action="store_true",
            help="put personnummer in the packages; only where the agreement says so",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            issuer = register_issuer(
                actor=System("register_issuer"),
                federation=Federation.objects.get(slug=options["federation"]),
                name=options["name"],
                slug=options["slug"],
                environment=Issuer.Environment(options["environment"]),
                card_type=options["card_type"],
                wants_personnummer=options["personnummer"],
            )
        except Federation.DoesNotExist as error:
            raise CommandError(f"Inget förbund heter {options['federation']}.") from error
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(f"{issuer} är nu kortutgivare åt {issuer.federation}.")
