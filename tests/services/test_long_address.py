"""The web server takes the address of a look-through with a whole house in it."""

import uuid
from urllib.parse import urlencode

from django.urls import reverse

from enrolment.desk.management.commands.run import _web

PEOPLE = 150


def test_the_look_through_of_a_whole_house_has_room_in_an_address():
    chosen = [("needs", uuid.uuid4()) for _ in range(PEOPLE)]
    others = [("unit", uuid.uuid4()), ("form_key", uuid.uuid4()), ("offer", "x" * 400)]
    line = f"GET {reverse('booking:new')}?{urlencode(chosen + others)} HTTP/1.1"
    command = _web(8000)
    assert len(line) < int(command[command.index("--limit-request-line") + 1])
