"""Card issuers: settings are changed as a whole, and only who holds the role acts for one."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ValidationError

from enrolment.audit.models import Entry
from enrolment.cards import access
from enrolment.cards.domain.sftp_target import TargetFault, TargetRefused
from enrolment.cards.models import Issuer
from enrolment.cards.queries import batches_on_their_way
from enrolment.cards.services.issuers import (
    IssuerSettings,
    NotACardIssuer,
    add_person,
    change_issuer,
    remove_person,
)
from tests import builders, card_builders

pytestmark = pytest.mark.django_db

KEY = (
    ed25519.Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    .decode()
)
FOLDER = IssuerSettings(
    name="Kortverket",
    environment="test",
    card_type="siths-photo",
    wants_personnummer=False,
    way="folder",
)
SFTP = replace(
    FOLDER,
    way="sftp",
    sftp_host="sftp.example.se",
    sftp_port=2222,
    sftp_user="fotorundan",
    sftp_folder="in",
    sftp_host_key=KEY,
)


@pytest.fixture
def issuer():
    return card_builders.issuer()


@pytest.fixture
def boss(issuer):
    return builders.user("administrator", within=issuer.federation)


def settings_of(issuer) -> IssuerSettings:
    kept = Issuer.objects.get(pk=issuer.pk)
    return IssuerSettings(**{name: getattr(kept, name) for name in FOLDER.__dataclass_fields__})


def lines(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


def test_settings_are_changed_and_the_log_tells_which_but_not_to_what(issuer, boss):
    change_issuer(actor=boss, issuer=issuer, settings=replace(SFTP, wants_personnummer=True))
    assert settings_of(issuer) == replace(SFTP, wants_personnummer=True)
    [line] = lines("cards.change_issuer")
    changed = ["sftp_folder", "sftp_host", "sftp_host_key", "sftp_port", "sftp_user"]
    assert line.details == {"changed": [*changed, "wants_personnummer", "way"]}
    assert line.actor == boss.audit_name
    assert line.federation_id == issuer.federation_id


def test_what_is_saved_unchanged_leaves_no_line(issuer, boss):
    change_issuer(actor=boss, issuer=issuer, settings=FOLDER)
    assert lines("cards.change_issuer") == []


def test_the_server_is_kept_as_it_is_read(issuer, boss):
    typed = replace(
        SFTP, sftp_host=" SFTP.example.SE", sftp_folder="in//", sftp_host_key=f"host {KEY} note"
    )
    change_issuer(actor=boss, issuer=issuer, settings=typed)
    assert settings_of(issuer) == SFTP


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sftp_host": ""}, TargetFault.HOST),
        ({"sftp_host": "https://sftp.example.se"}, TargetFault.HOST),
        ({"sftp_user": ""}, TargetFault.USER),
        ({"sftp_folder": "../ut"}, TargetFault.FOLDER),
        ({"sftp_host_key": ""}, TargetFault.KEY_MISSING),
        ({"way": "folder", "sftp_host": "a b"}, TargetFault.HOST),
    ],
)
def test_a_server_that_cant_be_used_is_refused_and_nothing_changes(issuer, boss, wrong, code):
    with pytest.raises(TargetRefused) as refused:
        change_issuer(actor=boss, issuer=issuer, settings=replace(SFTP, **wrong))
    assert refused.value.code == code
    assert settings_of(issuer) == FOLDER


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "Kort\nBcc: x@example.org"},
        {"environment": "half"},
        {"way": "pigeon"},
        {"card_type": "a b"},
        {"technical_hours": 0},
        {"technical_hours": 169},
        {"content_days": 0},
        {"content_days": 31},
        {"sftp_port": 0},
        {"sftp_port": 65536},
    ],
)
def test_a_setting_out_of_bounds_is_refused(issuer, boss, wrong):
    with pytest.raises(ValidationError):
        change_issuer(actor=boss, issuer=issuer, settings=replace(SFTP, **wrong))
    assert settings_of(issuer) == FOLDER
    assert lines("cards.change_issuer") == []


def test_settings_change_while_a_batch_is_on_its_way_and_it_stays_as_it_was_sealed(issuer, boss):
    batch = card_builders.batch(1, issuer)
    assert list(batches_on_their_way(issuer)) == [batch]
    before = batch.header
    change_issuer(actor=boss, issuer=issuer, settings=replace(FOLDER, environment="prod"))
    batch.refresh_from_db()
    assert batch.header == before
    assert batch.header["environment"] == "test"


# --- Who acts for an issuer ---------------------------------------------------------------------


def test_who_holds_the_role_for_the_federation_acts_for_the_issuer(issuer, boss):
    person = builders.user("card_issuer", within=issuer.federation)
    assert list(access.people_to_add(issuer)) == [person]
    add_person(actor=boss, issuer=issuer, user=person)
    assert list(access.acting_issuers(person)) == [issuer]
    assert list(access.people_to_add(issuer)) == []
    assert [line.details for line in lines("cards.add_person")] == [{"user": str(person.pk)}]


@pytest.mark.parametrize("role", ["planner", "elsewhere", "narrow"])
def test_who_lacks_the_role_does_not(issuer, boss, role):
    places = {
        "elsewhere": builders.federation(),
        "narrow": builders.municipality(issuer.federation),
    }
    within = places.get(role, issuer.federation)
    person = builders.user("planner" if role == "planner" else "card_issuer", within=within)
    assert list(access.people_to_add(issuer)) == []
    with pytest.raises(NotACardIssuer):
        add_person(actor=boss, issuer=issuer, user=person)
    assert list(issuer.people.all()) == []


def test_somebody_inactive_is_not_offered(issuer):
    person = builders.user("card_issuer", within=issuer.federation)
    person.is_active = False
    person.save()
    assert list(access.people_to_add(issuer)) == []


def test_a_person_is_removed(issuer, boss):
    person = builders.user("card_issuer", within=issuer.federation)
    add_person(actor=boss, issuer=issuer, user=person)
    remove_person(actor=boss, issuer=issuer, user=person)
    assert list(access.acting_issuers(person)) == []
    assert [line.details for line in lines("cards.remove_person")] == [{"user": str(person.pk)}]
