"""A visit at the station for tests in a browser: who comes, who photographs, and the open page.

The station is light unless a test asks for more by name: without the face models it judges
plainly and says so, and without its service worker it needs the server to start.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from booking.models import Booking, Visit
from enrolment.people.models import User
from tests import builders, photo_builders

LEFT_OUT = {
    "face_models": "delete globalThis.WebAssembly;",
    "service_worker": """
      if (navigator.serviceWorker) {
        navigator.serviceWorker.register = () => Promise.reject(new Error("none in this test"));
      }
    """,
}


@pytest.fixture
def face_models() -> None:
    """The station looks for faces: for tests about guidance, verdicts and what follows of them."""


@pytest.fixture
def service_worker() -> None:
    """The station opens without its server: for tests about that, and about new versions."""


@pytest.fixture
def lighten(request: pytest.FixtureRequest) -> Callable[[BrowserContext], BrowserContext]:
    """Return a function that leaves out of a profile's pages what the test does not ask for."""
    scripts = [LEFT_OUT[name] for name in LEFT_OUT if name not in request.fixturenames]

    def lightened(profile: BrowserContext) -> BrowserContext:
        for script in scripts:
            profile.add_init_script(script)
        return profile

    return lightened


@pytest.fixture
def visit() -> Visit:
    return builders.visit(hours=3)


@pytest.fixture
def karin(visit: Visit) -> Booking:
    return photo_builders.booked(visit, given_name="Karin", family_name="Lindqvist")


@pytest.fixture
def jonas(visit: Visit, karin: Booking) -> Booking:
    return photo_builders.booked(visit, given_name="Jonas", family_name="Ek")


@pytest.fixture
def technician(visit: Visit) -> User:
    return photo_builders.technician(visit)


@pytest.fixture
def station_page(
    technician: User,
    page_of: Callable[[User], Page],
    context: BrowserContext,
    lighten: Callable[[BrowserContext], BrowserContext],
) -> Page:
    """A page of the visit's technician, with nothing opened in it yet."""
    lighten(context)
    return page_of(technician)
