"""The commands that set a house up: keys, and a federation with its first administrator."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enrolment import vault
from enrolment.audit.models import Entry
from enrolment.people import access
from enrolment.people.access import Role
from enrolment.people.models import Federation, User

PASSWORD = "lång och hemlig fras"
GIVEN = {
    "slug": "adalen",
    "hsa_id": "SE9900000009-ORG",
    "contact": "Korthjälpen",
    "admin_email": "admin@adalen.example",
    "admin_name": "Kim Test",
}


def create(monkeypatch, password: str = PASSWORD, **given: str) -> str:
    monkeypatch.setenv("FOTORUNDAN_ADMIN_PASSWORD", password)
    out = StringIO()
    call_command("create_federation", "Ådalens IT", **{**GIVEN, **given}, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_federation_gets_its_first_administrator(monkeypatch, client):
    said = create(monkeypatch)
    user = User.objects.get(email="admin@adalen.example")
    assert "Ådalens IT finns nu" in said
    assert access.federation(user, Role.ADMINISTRATOR) == Federation.objects.get()
    assert client.login(username="admin@adalen.example", password=PASSWORD)
    assert {entry.action for entry in Entry.objects.all()} >= {
        "people.create_federation",
        "people.add_user",
        "people.give_role",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"password": "kort"}, "12"),
        ({"hsa_id": "ORG"}, "HSA-id"),
        ({"admin_email": "ingen adress"}, "e-post"),
    ],
)
def test_a_wrong_value_makes_nothing(monkeypatch, given, says):
    with pytest.raises(CommandError) as refused:
        create(monkeypatch, **given)
    assert says.lower() in str(refused.value).lower()
    assert not Federation.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_slug_is_taken_once(monkeypatch):
    create(monkeypatch)
    with pytest.raises(CommandError):
        create(monkeypatch, hsa_id="SE9900000008-ORG", admin_email="other@adalen.example")
    assert Federation.objects.count() == 1


def test_keys_are_made_once(settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "new"
    call_command("create_keys", stdout=StringIO())
    made = {path.name: path.read_bytes() for path in settings.KEYS_DIR.iterdir()}
    call_command("create_keys", stdout=StringIO())
    assert set(made) == {"seal-1.key", "index.key"}
    assert {path.name: path.read_bytes() for path in settings.KEYS_DIR.iterdir()} == made
    assert vault.unseal(vault.seal(b"x", "a:b:c"), "a:b:c") == b"x"


def test_the_reference_pages_are_fresh():
    call_command("write_reference", check=True)
