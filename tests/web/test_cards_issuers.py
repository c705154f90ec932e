"""Kortutgivare: the administrator's pages for issuers, certificates, people and keys to the API."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509 import CertificateSigningRequestBuilder
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from enrolment.cards.models import Issuer, IssuerCertificate, RevocationList
from enrolment.cards.services.certificates import add_certificate
from enrolment.cards.services.tokens import token_of
from tests import builders, card_builders, issuer_builders
from tests import certificate_builders as made

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Kortverket",
    "slug": "kortverket",
    "card_type": "siths-photo",
    "environment": "test",
}
KEY = (
    ed25519.Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    .decode()
)
SETTINGS = {
    "name": "Kortverket",
    "card_type": "siths-photo",
    "environment": "test",
    "way": "sftp",
    "sftp_host": "sftp.example.se",
    "sftp_port": "22",
    "sftp_user": "fotorundan",
    "sftp_folder": "in",
    "sftp_host_key": KEY,
    "technical_hours": "4",
    "content_days": "2",
}


@pytest.fixture
def issuer():
    return card_builders.issuer()


@pytest.fixture
def boss(log_in, issuer):
    return log_in(builders.user("administrator", within=issuer.federation))


def address(name: str, *things) -> str:
    return reverse(f"cards:{name}", args=[thing.pk for thing in things])


def certificate(issuer, pair=None, purpose="encryption") -> IssuerCertificate:
    data = (pair or made.ec_recipient()).pem
    return add_certificate(actor=builders.user(), issuer=issuer, purpose=purpose, data=data)


def file(content: bytes, name: str = "certificate.pem") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def text(response) -> str:
    return " ".join(response.content.decode().split())


# --- Who may ------------------------------------------------------------------------------------


PAGES = ["issuer", "edit_issuer", "new_person", "new_token", "new_certificate"]
PAGES.append("new_revocation_list")


@pytest.mark.parametrize("role", ["planner", "id_administrator", "card_issuer", "care_manager"])
def test_no_other_role_finds_the_pages(log_in, issuer, role):
    client = log_in(builders.user(role, within=issuer.federation))
    for page in [address("issuers"), address("new_issuer"), *(address(p, issuer) for p in PAGES)]:
        assert client.get(page).status_code == 404


def test_an_administrator_of_a_part_finds_no_pages(log_in, issuer):
    place = builders.municipality(issuer.federation)
    client = log_in(builders.user("administrator", within=place))
    assert client.get(address("issuers")).status_code == 404
    assert client.get(address("issuer", issuer)).status_code == 404


def test_another_federations_issuer_is_not_there(boss, issuer):
    other = card_builders.issuer()
    kept = certificate(other)
    token, _secret = issuer_builders.token(other)
    person = issuer_builders.person(other)
    for page in PAGES:
        assert boss.get(address(page, issuer)).status_code == 200
        assert boss.get(address(page, other)).status_code == 404
    for place in (
        address("retire", kept),
        address("end_token", token),
        address("drop_person", other, person),
        address("drop_person", issuer, person),
        address("confirm_certificate", other),
        address("edit_issuer", other),
    ):
        assert boss.post(place).status_code == 404
    kept.refresh_from_db()
    token.refresh_from_db()
    assert (kept.retired_at, token.revoked_at) == (None, None)
    assert list(other.people.all()) == [person]


# --- The list -----------------------------------------------------------------------------------


def test_the_list_says_what_to_renew_and_what_went_last(boss, issuer):
    page = boss.get(address("issuers"))
    assert "Kryptering saknas" in text(page)
    assert [row.needs_you for row in page.context["rows"]] == [True]
    certificate(issuer, made.ec_recipient("Holds", days=(-1, 60)))
    row = boss.get(address("issuers")).context["rows"][0]
    assert (row.needs_you, row.lacks_encryption, row.last_batch) == (False, False, "")
    certificate(issuer, made.ec_recipient("Soon", days=(-1, 12.5)))
    batch = card_builders.batch(1, issuer)
    page = boss.get(address("issuers"))
    assert "Går ut om 12 dagar" in text(page)
    assert batch.name in text(page)
    assert page.context["rows"][0].needs_you


def test_the_list_shows_our_own_certificates(boss, issuer):
    card_builders.signer()
    page = text(boss.get(address("issuers")))
    assert "Vi signerar paket med det" in page
    assert "CN=Escrow" in page


def test_the_list_asks_no_more_for_more_issuers(boss, issuer, django_assert_num_queries):
    for size in (1, 5):
        for number in range(size):
            certificate(card_builders.issuer(issuer.federation, f"kort-{size}-{number}"))
        with django_assert_num_queries(6):
            boss.get(address("issuers"))


def test_without_issuers_the_page_says_what_to_do(log_in):
    client = log_in(builders.user("administrator", within=builders.federation()))
    page = text(client.get(address("issuers")))
    assert "Inga kortutgivare än" in page
    assert address("new_issuer") in page


# --- Register and change ------------------------------------------------------------------------


def test_an_issuer_is_registered(log_in):
    federation = builders.federation()
    client = log_in(builders.user("administrator", within=federation))
    response = client.post(address("new_issuer"), {**NEW, "wants_personnummer": "on"})
    added = Issuer.objects.get()
    assert response.url == address("issuer", added)
    assert (added.federation, added.slug, added.environment) == (federation, "kortverket", "test")
    assert added.wants_personnummer


def test_the_administrator_of_two_federations_chooses_one(log_in):
    first, second = builders.federation("A"), builders.federation("B")
    user = builders.user("administrator", within=first)
    builders.give_role(user, "administrator", second)
    client = log_in(user)
    assert list(client.post(address("new_issuer"), NEW).context["form"].errors) == ["federation"]
    client.post(address("new_issuer"), {**NEW, "federation": second.pk})
    assert Issuer.objects.get().federation == second
    other = builders.federation("C")
    client.post(address("new_issuer"), {**NEW, "slug": "c", "federation": other.pk})
    assert Issuer.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Kort\nverket"}, "name"),
        ({"slug": "Kort verket"}, "slug"),
        ({"slug": "kortverket"}, "slug"),
        ({"card_type": "å"}, "card_type"),
        ({"environment": "half"}, "environment"),
    ],
)
def test_a_wrong_fact_is_told_at_its_field_and_the_rest_is_kept(boss, issuer, wrong, field):
    response = boss.post(address("new_issuer"), {**NEW, "slug": "annan", **wrong})
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["environment"].value() == wrong.get("environment", "test")
    assert Issuer.objects.count() == 1


def test_settings_are_changed(boss, issuer):
    response = boss.post(address("edit_issuer", issuer), {**SETTINGS, "name": "Nya kort"})
    assert response.url == address("issuer", issuer)
    issuer.refresh_from_db()
    assert (issuer.name, issuer.way, issuer.sftp_host_key) == ("Nya kort", "sftp", KEY)
    page = text(boss.get(address("issuer", issuer)))
    assert "SFTP till sftp.example.se, port 22, som fotorundan" in page
    assert "SHA256:" in page


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"sftp_host": "https://x.example/"}, "sftp_host", "Skriv bara serverns namn"),
        ({"sftp_host": "kort@x.example"}, "sftp_host", "Skriv bara serverns namn"),
        ({"sftp_host": ""}, "sftp_host", "Skriv bara serverns namn"),
        ({"sftp_user": ""}, "sftp_user", "Skriv användarens namn"),
        ({"sftp_port": "0"}, "sftp_port", ""),
        ({"sftp_folder": "../ut"}, "sftp_folder", "Skriv mappen"),
        ({"sftp_host_key": ""}, "sftp_host_key", "Klistra in serverns nyckel"),
        ({"sftp_host_key": "SHA256:abc"}, "sftp_host_key", "bara dess fingeravtryck"),
        ({"technical_hours": "0"}, "technical_hours", ""),
        ({"content_days": "400"}, "content_days", ""),
        ({"way": "duva"}, "way", ""),
        ({"name": "Kort\nverket"}, "name", "Skriv namnet på en rad"),
    ],
)
def test_a_wrong_setting_is_told_at_its_field(boss, issuer, wrong, field, sentence):
    response = boss.post(address("edit_issuer", issuer), {**SETTINGS, **wrong})
    assert list(response.context["form"].errors) == [field]
    assert sentence in text(response)
    issuer.refresh_from_db()
    assert issuer.way == "folder"


@pytest.mark.parametrize("times", [1, 30], ids=["short", "longer than a public key"])
def test_a_private_key_instead_of_the_servers_key_is_not_sent_back(boss, issuer, times):
    key = made.ec_recipient().key_pem.decode() * times
    response = boss.post(address("edit_issuer", issuer), {**SETTINGS, "sftp_host_key": key})
    assert "Det här är en privat nyckel" in text(response)
    assert key.splitlines()[1] not in response.content.decode()
    form = response.context["form"]
    assert list(form.errors) == ["sftp_host_key"]
    assert form["sftp_host"].value() == SETTINGS["sftp_host"]


@pytest.mark.parametrize("left", ["", "a b"])
def test_a_folder_needs_no_server_and_the_server_stays_as_it_was(boss, issuer, left):
    boss.post(address("edit_issuer", issuer), SETTINGS)
    hidden = dict.fromkeys((name for name in SETTINGS if name.startswith("sftp_")), left)
    response = boss.post(address("edit_issuer", issuer), {**SETTINGS, **hidden, "way": "folder"})
    assert response.status_code == 302
    issuer.refresh_from_db()
    assert (issuer.way, issuer.sftp_host, issuer.sftp_port) == ("folder", "sftp.example.se", 22)


def test_a_batch_on_its_way_is_shown_where_settings_change(boss, issuer):
    batch = card_builders.batch(1, issuer)
    for page in ("issuer", "edit_issuer"):
        assert f"{batch.name} är på väg" in text(boss.get(address(page, issuer)))
    assert boss.post(address("edit_issuer", issuer), SETTINGS).status_code == 302


# --- Certificates -------------------------------------------------------------------------------


def test_a_certificate_is_shown_first_and_taken_into_use_when_it_has_been_compared(boss, issuer):
    root = made.authority()
    content = root.pem + made.ec_recipient(by=root).pem
    shown = boss.post(
        address("new_certificate", issuer), {"purpose": "encryption", "file": file(content)}
    )
    fingerprint = shown.context["found"].fingerprint.upper()
    assert shown.context["groups"] == [fingerprint[at : at + 4] for at in range(0, 64, 4)]
    assert "CN=Card issuer" in text(shown)
    assert not issuer.certificates.exists()
    told = {"purpose": "encryption", "pem": shown.context["form"]["pem"].value()}
    again = boss.post(address("confirm_certificate", issuer), told)
    assert "Jämför fingeravtrycket först" in text(again)
    assert again.context["groups"] == shown.context["groups"]
    assert not issuer.certificates.exists()
    done = boss.post(address("confirm_certificate", issuer), {**told, "compared": "on"})
    assert done.url == address("issuer", issuer)
    kept = issuer.certificates.get()
    assert kept.fingerprint.upper() == fingerprint
    assert kept.chain == root.pem.decode()


def test_a_certificate_can_be_pasted(boss, issuer):
    pasted = {"purpose": "receipts", "pasted": made.signer().pem.decode()}
    shown = boss.post(address("new_certificate", issuer), pasted)
    assert shown.context["found"].subject == "CN=Signer"


def _request() -> bytes:
    named = CertificateSigningRequestBuilder().subject_name(made.named("Request"))
    return named.sign(made.ec_key(), made.SHA256()).public_bytes(Encoding.PEM)


def _pkcs12() -> bytes:
    pair = made.ec_recipient()
    return pkcs12.serialize_key_and_certificates(
        b"x", pair.key, pair.certificate, None, BestAvailableEncryption(b"x")
    )


def _weak() -> bytes:
    return made.pair("Weak", made.rsa_key("Weak", 1024), made.usage("key_encipherment")).pem


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda: b"", "Den här är tom"),
        (lambda: b"hej", "går inte att läsa"),
        (lambda: b"\x00\xff" * 500, "går inte att läsa"),
        (lambda: b"a" * 1_000_000, "aldrig så stort"),
        (lambda: made.ec_recipient().pem[:200], "går inte att läsa"),
        (lambda: made.ec_recipient().key_pem, "Be då kortutgivaren göra ett nytt nyckelpar"),
        (lambda: made.ec_recipient().pem + made.ec_key().private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        ), "Be då kortutgivaren göra ett nytt nyckelpar"),
        (_pkcs12, "kan innehålla en privat nyckel"),
        (_request, "begäran om certifikat"),
        (lambda: made.revocation_list(made.authority()).public_bytes(Encoding.PEM), "spärrlista"),
        (lambda: made.ec_recipient("A").pem + made.ec_recipient("B").pem, "inte hör ihop"),
        (lambda: made.ec_recipient(days=(-9, -1)).pem, "gick ut"),
        (lambda: made.ec_recipient(days=(1, 9)).pem, "Vänta till"),
        (lambda: made.signer().pem, "är till för annat"),
        (_weak, "starkare nyckel"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_by_what_it_is_and_nothing_is_kept(boss, issuer, content, sentence):
    data = content()
    response = boss.post(
        address("new_certificate", issuer), {"purpose": "encryption", "file": file(data)}
    )
    assert list(response.context["form"].errors) == ["file"]
    assert sentence in text(response)
    assert not issuer.certificates.exists()


def test_a_private_key_that_was_pasted_is_not_sent_back(boss, issuer):
    key = made.ec_recipient().key_pem.decode()
    response = boss.post(
        address("new_certificate", issuer), {"purpose": "encryption", "pasted": key}
    )
    assert "Be då kortutgivaren göra ett nytt nyckelpar" in text(response)
    assert key.splitlines()[1] not in response.content.decode()


def test_one_in_use_is_not_shown_again(boss, issuer):
    pair = made.ec_recipient()
    certificate(issuer, pair)
    told = {"purpose": "encryption", "file": file(pair.pem)}
    response = boss.post(address("new_certificate", issuer), told)
    assert "Certifikatet är redan i bruk" in text(response)


@pytest.mark.parametrize("given", [{}, {"pasted": "  "}])
def test_without_a_certificate_the_form_asks_for_one(boss, issuer, given):
    response = boss.post(address("new_certificate", issuer), {"purpose": "encryption", **given})
    assert "Välj en fil, eller klistra in" in text(response)


def test_a_file_and_a_text_at_once_are_too_much(boss, issuer):
    pem = made.ec_recipient().pem
    response = boss.post(
        address("new_certificate", issuer),
        {"purpose": "encryption", "file": file(pem), "pasted": pem.decode()},
    )
    assert list(response.context["form"].errors) == ["pasted"]


def test_a_confirmation_without_its_certificate_leads_back(boss, issuer):
    response = boss.post(address("confirm_certificate", issuer), {"compared": "on"})
    assert response.url == address("new_certificate", issuer)


def test_a_confirmation_is_read_as_strictly_as_the_file(boss, issuer):
    told = {"purpose": "encryption", "compared": "on", "pem": made.signer().pem.decode()}
    page = boss.post(address("confirm_certificate", issuer), told, follow=True)
    assert "är till för annat" in text(page)
    assert not issuer.certificates.exists()


def test_a_certificate_is_retired(boss, issuer):
    kept = certificate(issuer)
    page = boss.post(address("retire", kept), follow=True)
    kept.refresh_from_db()
    assert kept.retired_at is not None
    assert "Kryptering saknas" in text(page)
    assert boss.get(address("retire", kept)).status_code == 405


def test_the_page_shows_each_certificate_with_its_fingerprint_and_days(boss, issuer):
    kept = certificate(issuer, made.ec_recipient(days=(-1, 12.5)))
    response = boss.get(address("issuer", issuer))
    page = text(response)
    assert "".join(response.context["certificates"].in_use[0].groups) == kept.fingerprint.upper()
    assert f"<span>{kept.fingerprint[:4].upper()}</span>" in page
    assert "12 dagar kvar" in page
    assert "Kryptering saknas" not in page


def test_a_revocation_list_is_kept_and_shows_what_it_revokes(boss, issuer):
    root = made.authority()
    pair = made.ec_recipient(by=root)
    data = pair.pem + root.pem
    add_certificate(actor=builders.user(), issuer=issuer, purpose="encryption", data=data)
    content = made.revocation_list(root, [pair.certificate]).public_bytes(Encoding.DER)
    page = boss.post(address("new_revocation_list", issuer), {"file": file(content)}, follow=True)
    assert "CN=Root" in text(page)
    assert [row.state for row in page.context["certificates"].in_use] == ["revoked"]
    assert "Inget paket kan byggas förrän det är ur bruk" in text(page)


@pytest.mark.parametrize("content", [b"", b"hej", made.ec_recipient().pem])
def test_a_wrong_revocation_list_is_told_and_not_kept(boss, issuer, content):
    certificate(issuer)
    response = boss.post(address("new_revocation_list", issuer), {"file": file(content)})
    assert "om certifikatet" not in text(response)
    assert list(response.context["form"].errors) == ["file"]
    assert not RevocationList.objects.exists()


def test_the_page_asks_no_more_for_more_of_everything(boss, issuer, django_assert_num_queries):
    for size in (1, 4):
        for number in range(size):
            certificate(issuer, made.ec_recipient(f"C{size}{number}"))
            issuer_builders.token(issuer)
            issuer_builders.person(issuer)
        with django_assert_num_queries(10):
            boss.get(address("issuer", issuer))


# --- People and keys to the API -----------------------------------------------------------------


def test_a_person_is_added_and_removed(boss, issuer):
    person = builders.user("card_issuer", within=issuer.federation)
    boss.post(address("new_person", issuer), {"user": person.pk})
    assert list(issuer.people.all()) == [person]
    assert person.email in text(boss.get(address("issuer", issuer)))
    boss.post(address("drop_person", issuer, person))
    assert list(issuer.people.all()) == []


def test_somebody_without_the_role_is_no_choice(boss, issuer):
    planner = builders.user("planner", within=issuer.federation)
    builders.user("card_issuer", within=issuer.federation)
    response = boss.post(address("new_person", issuer), {"user": planner.pk})
    assert list(response.context["form"].errors) == ["user"]
    assert list(issuer.people.all()) == []


def test_with_nobody_to_add_the_page_says_what_to_do(boss, issuer):
    assert reverse("people:new_user") in text(boss.get(address("new_person", issuer)))


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(boss, issuer):
    told = {"name": "Maskinen", "last_day": in_days(90)}
    response = boss.post(address("new_token", issuer), told)
    secret = response.context["secret"]
    assert secret in text(response)
    assert "no-store" in response["Cache-Control"]
    token = token_of(secret)
    assert token.issuer == issuer
    assert timezone.localdate(token.valid_until).isoformat() == in_days(90)
    assert secret not in text(boss.get(address("issuer", issuer)))
    page = boss.post(address("end_token", token), follow=True)
    assert "Återkallad" in text(page)
    assert token_of(secret) is None


@pytest.mark.parametrize(
    "wrong", [{"last_day": in_days(-1)}, {"last_day": in_days(800)}, {"last_day": "snart"}]
)
def test_a_wrong_last_day_is_told_and_no_key_is_made(boss, issuer, wrong):
    response = boss.post(address("new_token", issuer), {"name": "Maskinen", **wrong})
    assert list(response.context["form"].errors) == ["last_day"]
    assert not issuer.tokens.exists()


# --- The start page -----------------------------------------------------------------------------


def test_the_start_page_tells_the_administrator_what_to_renew(boss, log_in, issuer):
    start = reverse("desk:start")
    assert "Förnya certifikatet" not in text(boss.get(start))
    certificate(issuer, made.ec_recipient(days=(-1, 12.5)))
    page = text(boss.get(start))
    assert "Förnya certifikatet för Kortverket" in page
    assert "Går ut om 12 dagar" in page
    assert address("issuer", issuer) in page
    other = log_in(builders.user("planner", within=issuer.federation))
    assert "Förnya certifikatet" not in text(other.get(start))
