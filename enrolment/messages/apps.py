from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "enrolment.messages"
    label = "outgoing"
