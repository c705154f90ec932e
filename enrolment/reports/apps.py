from django.apps import AppConfig
from django.core import checks


class ReportsConfig(AppConfig):
    name = "enrolment.reports"

    def ready(self) -> None:
        """Have the fonts looked for when Django checks the house."""
        from enrolment.reports.checks import check_fonts

        checks.register(check_fonts)
