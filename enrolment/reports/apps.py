from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "enrolment.reports"
