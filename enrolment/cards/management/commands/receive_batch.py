"""Receive a package as its card issuer does."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from enrolment.cards.receiver import command


class Command(BaseCommand):
    help = command.DESCRIPTION

    def add_arguments(self, parser: ArgumentParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        ended = command.run(Namespace(**options), self.stdout, self.stderr)
        if ended != command.RECEIVED:
            sys.exit(ended)
