"""Add a municipality to a federation."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from enrolment.audit.services import System
from enrolment.people.models import Federation
from enrolment.people.services.organisation import add_municipality


class Command(BaseCommand):
    help = "Add a municipality to a federation, by its official code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the municipality's name")
        parser.add_argument("--code", required=True, help="four digits, such as 1494")
        parser.add_argument("--federation", required=True, help="the federation's short name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            municipality = add_municipality(
                actor=System("add_municipality"),
                federation=Federation.objects.get(slug=options["federation"]),
                code=options["code"],
                name=options["name"],
            )
        except Federation.DoesNotExist as error:
            raise CommandError(f"Inget förbund heter {options['federation']}.") from error
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(f"{municipality} finns nu i {municipality.federation}.")
