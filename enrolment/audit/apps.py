from django.apps import AppConfig
from django.core import checks


class AuditConfig(AppConfig):
    name = "enrolment.audit"

    def ready(self) -> None:
        """Have the log's triggers looked for when Django checks the database."""
        from enrolment.audit.checks import check_triggers

        checks.register(check_triggers, checks.Tags.database)
