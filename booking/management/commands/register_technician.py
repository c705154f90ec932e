"""Make a user a technician."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from booking.services.technicians import register_technician
from enrolment.audit.services import System
from enrolment.people.models import Federation, User


class Command(BaseCommand):
    help = "Make a user a technician of a federation, or move a technician's base."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the user's e-mail address")
        parser.add_argument("--federation", required=True, help="the federation's short name")
        parser.add_argument("--base", required=True, help="the town the technician starts from")
        parser.add_argument("--latitude", type=float, required=True)
        parser.add_argument("--longitude", type=float, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            technician = register_technician(
                actor=System("register_technician"),
                user=User.objects.get(email__iexact=options["email"]),
                federation=Federation.objects.get(slug=options["federation"]),
                base=options["base"],
                latitude=options["latitude"],
                longitude=options["longitude"],
            )
        except User.DoesNotExist as error:
            raise CommandError(
                f"Ingen användare har adressen {options['email']}. Lägg upp användaren först."
            ) from error
        except Federation.DoesNotExist as error:
            raise CommandError(f"Inget förbund heter {options['federation']}.") from error
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(f"{technician} utgår från {technician.base}.")
