"""The commands that set a house up: keys, and a federation with its first administrator."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enrolment import vault
from enrolment.audit.models import Entry
from enrolment.people import access
from enrolment.people.access import Role
from enrolment.people.models import Federation, User
from tests import builders

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


@pytest.mark.django_db
def test_keys_are_made_once_and_that_is_logged(settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "new"
    call_command("create_keys", stdout=StringIO())
    made = {path.name: path.read_bytes() for path in settings.KEYS_DIR.iterdir()}
    call_command("create_keys", stdout=StringIO())
    assert set(made) == {"seal-1.key", "index.key"}
    assert {path.name: path.read_bytes() for path in settings.KEYS_DIR.iterdir()} == made
    assert vault.unseal(vault.seal(b"x", "a:b:c"), "a:b:c") == b"x"
    logged = Entry.objects.filter(action="desk.create_keys").values_list("actor", "subject")
    assert set(logged) == {
        ("system:create_keys", "key:seal-1.key"),
        ("system:create_keys", "key:index.key"),
    }


def test_the_reference_pages_are_fresh():
    call_command("write_reference", check=True)


@pytest.mark.django_db
def test_a_municipality_is_added_once():
    federation = builders.federation()
    given = {"code": "1494", "federation": federation.slug, "stdout": StringIO()}
    call_command("add_municipality", "Lidköping", **given)
    assert federation.municipalities.get().name == "Lidköping"
    with pytest.raises(CommandError):
        call_command("add_municipality", "Lidköping igen", **given)
    with pytest.raises(CommandError, match="Inget förbund heter"):
        call_command("add_municipality", "Skara", **{**given, "federation": "annat"})
    assert federation.municipalities.count() == 1


def issuer(slug: str = "utgivaren", **more) -> None:
    facts = {"slug": slug, "card_type": "siths-photo", "stdout": StringIO(), **more}
    call_command("register_issuer", "Utgivaren AB", **facts)


@pytest.mark.django_db
def test_a_card_issuer_is_registered_for_tests_and_without_personnummer_unless_told():
    federation = builders.federation()
    issuer(federation=federation.slug)
    issuer("skarp", federation=federation.slug, environment="prod", personnummer=True)
    facts = federation.issuers.values_list("slug", "environment", "wants_personnummer")
    assert set(facts) == {("utgivaren", "test", False), ("skarp", "prod", True)}
    assert Entry.objects.filter(action="cards.register_issuer").count() == 2


@pytest.mark.django_db
def test_a_card_issuer_is_refused_where_something_is_wrong():
    federation = builders.federation()
    issuer(federation=federation.slug)
    with pytest.raises(CommandError):
        issuer(federation=federation.slug)
    with pytest.raises(CommandError):
        issuer("annan", federation=federation.slug, card_type="inte en kod!")
    with pytest.raises(CommandError, match="Inget förbund heter"):
        issuer(federation="annat")
    assert federation.issuers.count() == 1


def register(user: User, slug: str, **more) -> None:
    place = {"base": "Lidköping", "latitude": 58.5, "longitude": 13.2, **more}
    call_command("register_technician", user.email, federation=slug, **place, stdout=StringIO())


@pytest.mark.django_db
def test_a_technician_gets_base_and_role_and_may_move():
    federation, user = builders.federation(), builders.user()
    register(user, federation.slug)
    register(user, federation.slug, base="Skara")
    assert user.technician.base == "Skara"
    assert access.roles(user) == {Role.TECHNICIAN}


@pytest.mark.django_db
def test_a_technician_is_refused_where_something_is_wrong():
    federation, user = builders.federation(), builders.user()
    with pytest.raises(CommandError, match="Lägg upp användaren först"):
        register(User(email="ingen@example.org"), federation.slug)
    with pytest.raises(CommandError, match="Inget förbund heter"):
        register(user, "annat")
    with pytest.raises(CommandError):
        register(user, federation.slug, latitude=98.5)
    register(user, federation.slug)
    with pytest.raises(CommandError, match="annat förbund"):
        register(user, builders.federation().slug)
    assert access.federations(user, Role.TECHNICIAN).get() == federation
