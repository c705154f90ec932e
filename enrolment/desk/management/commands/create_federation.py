"""Make a federation and its first administrator."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from enrolment.audit.services import System
from enrolment.people.access import Role
from enrolment.people.domain.refusal import Refusal
from enrolment.people.faults import sentence
from enrolment.people.services import organisation

ACTOR = System("create_federation")


class Command(BaseCommand):
    help = (
        "Make a federation and its first administrator. The password is asked for, or taken from "
        "the variable FOTORUNDAN_ADMIN_PASSWORD."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the federation's name, such as 'Göliska IT'")
        parser.add_argument("--slug", required=True, help="a short name for addresses")
        parser.add_argument("--hsa-id", required=True, help="the federation's own HSA-id")
        parser.add_argument("--contact", required=True, help="the function issuers may ask")
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("FOTORUNDAN_ADMIN_PASSWORD") or getpass.getpass("Lösenord: ")
        try:
            validate_password(password)
            self._create(options, password)
        except Refusal as refusal:
            raise CommandError(sentence(refusal)) from refusal
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(f"{options['name']} finns nu. Logga in som {options['admin_email']}.")

    @transaction.atomic
    def _create(self, options: dict[str, Any], password: str) -> None:
        federation = organisation.create_federation(
            actor=ACTOR,
            name=options["name"],
            slug=options["slug"],
            hsa=options["hsa_id"],
            contact=options["contact"],
        )
        user = organisation.add_user(
            actor=ACTOR,
            federation=federation,
            email=options["admin_email"],
            name=options["admin_name"],
            password=password,
        )
        organisation.give_role(
            actor=ACTOR, user=user, role=Role.ADMINISTRATOR, federation=federation
        )
