"""The API for card issuers' machines: by token alone, only its own, the same answer twice."""

import hashlib
import io
import json
import logging
from datetime import timedelta

import jsonschema
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.cards.domain.issuer_api import PROBLEMS, Problem
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import ReceiptDocument, write_receipt
from enrolment.cards.faults import API_SENTENCES
from enrolment.cards.models import Batch, IssuerToken, Receipt
from enrolment.cards.queries import package_path
from enrolment.cards.services import rates
from enrolment.cards.services.tokens import revoke_token
from tests import builders, card_builders, issuer_builders, receipt_builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection")]
API = "/api/utgivare/v1"
CALLS = [
    ("GET", "/batches"),
    ("GET", "/batches/{batch}"),
    ("GET", "/batches/{batch}/package"),
    ("POST", "/batches/{batch}/receipts"),
    ("GET", "/receipts/R-1"),
    ("PUT", "/receipts/R-1"),
]


@pytest.fixture(autouse=True)
def quiet(caplog):
    """A refused call is no fault of ours: its warning is not to be read among the tests."""
    caplog.set_level(logging.ERROR, logger="django.request")


def stand() -> None:
    issuer_builders.delivered(2)


@pytest.fixture
def batch() -> Batch:
    return Batch.objects.select_related("issuer__federation").get()


@pytest.fixture
def machine(batch):
    """Return a function that calls the API as the issuer's machine, and checks what it is told."""
    token, secret = issuer_builders.token(batch.issuer)
    return Machine(secret, token)


class Machine:
    def __init__(self, secret: str, token: IssuerToken | None = None) -> None:
        self.client, self.secret, self.token = Client(), secret, token

    def call(self, method: str, path: str, data: bytes = b"", kind: str = "application/json", **h):
        headers = {"Authorization": f"Bearer {self.secret}"} | {
            name.replace("_", "-"): value for name, value in h.items()
        }
        return self.client.generic(method, API + path, data, kind, headers=headers)

    def get(self, path: str, **headers):
        return self.call("GET", path, **headers)

    def put(self, document: ReceiptDocument, receipt_id: str = ""):
        path = f"/receipts/{receipt_id or document.receipt_id}"
        return self.call("PUT", path, write_receipt(document))


def told(answer) -> tuple[int, str]:
    """Check that the answer is a problem as RFC 9457 describes one; return status and code."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    jsonschema.validate(problem, schema("Problem"))
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:kort-problem:{problem['code']}"
    return answer.status_code, problem["code"]


def schema(name: str) -> dict:
    document = Client().get(f"{API}/openapi.json").json()
    return {"$ref": f"#/components/schemas/{name}", **document}


def whole(answer) -> bytes:
    return b"".join(answer.streaming_content)


def lines(action: str) -> list[tuple[str, str]]:
    return list(Entry.objects.filter(action=action).values_list("actor", "subject"))


# --- Who gets in ---------------------------------------------------------------------------------


def outcomes(machine: Machine, batch: Batch) -> set[tuple[int, str]]:
    return {told(machine.call(method, path.format(batch=batch.name))) for method, path in CALLS}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": ""}])
def test_without_a_token_nothing_opens(header, batch):
    for method, path in CALLS:
        answer = Client().generic(method, API + path.format(batch=batch.name), headers=header)
        assert told(answer) == (401, "no_token")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_revoked_or_expired_token_opens_nothing(batch, machine):
    assert outcomes(Machine("frt_" + "A" * 43), batch) == {(401, "token_not_valid")}
    assert machine.get("/batches").status_code == 200
    IssuerToken.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert outcomes(machine, batch) == {(401, "token_not_valid")}
    IssuerToken.objects.update(valid_until=timezone.now() + timedelta(days=1))
    revoke_token(actor=builders.user(), token=machine.token)
    assert outcomes(machine, batch) == {(401, "token_not_valid")}


@pytest.mark.parametrize("role", ["card_issuer", "administrator"])
def test_a_log_in_opens_nothing(role, batch, log_in):
    user = builders.user(role, within=batch.issuer.federation)
    batch.issuer.people.add(user)
    client = log_in(user)
    for method, path in CALLS:
        answer = client.generic(method, API + path.format(batch=batch.name))
        assert told(answer) == (401, "no_token")


def test_the_token_needs_no_session_and_no_csrf_token(batch, machine):
    machine.client = Client(enforce_csrf_checks=True)
    assert machine.put(issuer_builders.technical(batch)).status_code == 201
    assert machine.client.cookies == {}


@pytest.mark.parametrize("same_federation", [True, False])
def test_another_issuers_machine_finds_nothing(same_federation, batch, machine):
    document = issuer_builders.technical(batch)
    assert machine.put(document).status_code == 201
    federation = batch.issuer.federation if same_federation else builders.federation()
    other = card_builders.issuer(federation, slug="annan")
    stranger = Machine(issuer_builders.token(other)[1])
    assert stranger.get("/batches").json() == {"batches": [], "next_since": None}
    for path in ("", "/package"):
        assert told(stranger.get(f"/batches/{batch.name}{path}")) == (404, "not_found")
    assert told(stranger.get(f"/receipts/{document.receipt_id}")) == (404, "not_found")
    posted = stranger.call("POST", f"/batches/{batch.name}/receipts", b"{}")
    assert told(posted) == (404, "not_found")
    assert told(stranger.put(issuer_builders.technical(batch))) == (422, "quarantined")
    assert Receipt.objects.get(issuer=other).batch is None


def test_a_batch_on_its_way_is_not_there_yet(batch, machine):
    waiting = card_builders.batch(1, batch.issuer)
    assert [each["batch_id"] for each in machine.get("/batches").json()["batches"]] == [batch.name]
    for path in ("", "/package"):
        assert told(machine.get(f"/batches/{waiting.name}{path}")) == (404, "not_found")


def test_a_token_that_calls_too_often_is_told_to_wait(batch, machine, monkeypatch):
    monkeypatch.setattr(rates, "CALLS_A_MINUTE", 2)
    assert [machine.get("/batches").status_code for _ in range(2)] == [200, 200]
    answer = machine.get("/batches")
    assert told(answer) == (429, "too_many")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("path", ["/", "/batches/", "/batches/KB-1/x", "/nothing", "/%00"])
def test_elsewhere_there_is_nothing(path, machine):
    assert told(machine.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/batches", "GET"),
        ("DELETE", "/batches/{batch}", "GET"),
        ("PUT", "/batches/{batch}/package", "GET"),
        ("GET", "/batches/{batch}/receipts", "POST"),
        ("PATCH", "/receipts/R-1", "GET, PUT"),
        ("OPTIONS", "/openapi.json", "GET"),
    ],
)
def test_another_method_is_told_which_there_are(method, path, allowed, batch, machine):
    answer = machine.call(method, path.format(batch=batch.name))
    assert told(answer) == (405, "method")
    assert answer.headers["Allow"] == allowed


# --- Batches -------------------------------------------------------------------------------------


def test_a_batch_is_told_without_a_word_about_people(batch, machine):
    answer = machine.get(f"/batches/{batch.name}")
    shown = answer.json()
    jsonschema.validate(shown, schema("BatchWithReceipts"))
    data = package_path(batch).read_bytes()
    assert shown["encrypted_sha256"] == hashlib.sha256(data).hexdigest()
    assert (shown["encrypted_bytes"], shown["file_name"]) == (len(data), f"{batch.name}.zip.cms")
    assert (shown["package_sha256"], shown["order_count"]) == (batch.package_sha256, 2)
    assert (shown["status"], shown["receipts"]) == ("delivered", [])
    for order in batch.orders.select_related("need__staff"):
        staff = order.need.staff
        for word in (staff.family_name, staff.hsa_id, str(order.pk)):
            assert word not in answer.content.decode()


def test_the_list_is_paged_by_number(batch, machine):
    more = [issuer_builders.delivered(1, batch.issuer) for _ in range(2)]
    names = [batch.name, *(each.name for each in more)]
    first = machine.get("/batches?limit=2").json()
    jsonschema.validate(first, schema("BatchPage"))
    assert [each["batch_id"] for each in first["batches"]] == names[:2]
    rest = machine.get(f"/batches?since={first['next_since']}&limit=2").json()
    assert ([each["batch_id"] for each in rest["batches"]], rest["next_since"]) == (names[2:], None)
    assert machine.get("/batches?since=3").json() == {"batches": [], "next_since": None}


def test_a_long_list_costs_no_more_queries(batch, machine, django_assert_num_queries):
    machine.get("/batches")
    with django_assert_num_queries(3):
        machine.get("/batches")
    issuer_builders.delivered(1, batch.issuer)
    with django_assert_num_queries(3):
        assert len(machine.get("/batches").json()["batches"]) == 2


@pytest.mark.parametrize(
    "query", ["since=x", "since=-1", "since=1&since=2", "limit=0", "limit=101", "limit=٣", "sinc=1"]
)
def test_a_query_that_makes_no_sense_is_refused(query, machine):
    assert told(machine.get(f"/batches?{query}")) == (400, "bad_query")


# --- The package ---------------------------------------------------------------------------------


def test_the_package_comes_whole_and_the_fetch_is_in_the_log(batch, machine):
    answer = machine.get(f"/batches/{batch.name}/package")
    data = whole(answer)
    assert hashlib.sha256(data).hexdigest() == batch.encrypted_sha256
    assert answer.headers["Content-Type"] == "application/cms"
    assert answer.headers["ETag"] == f'"{batch.encrypted_sha256}"'
    assert answer.headers["Content-Length"] == str(len(data))
    assert f"{batch.name}.zip.cms" in answer.headers["Content-Disposition"]
    assert lines("cards.fetch_package") == [(machine.token.audit_name, f"batch:{batch.pk}")]


def test_a_fetch_that_was_cut_goes_on_where_it_was(batch, machine):
    data = package_path(batch).read_bytes()
    half = len(data) // 2
    got, etag = b"", f'"{batch.encrypted_sha256}"'
    for asked in (f"bytes=0-{half - 1}", f"bytes={half}-"):
        answer = machine.get(f"/batches/{batch.name}/package", Range=asked, If_Range=etag)
        assert answer.status_code == 206
        part = whole(answer)
        assert answer.headers["Content-Length"] == str(len(part))
        assert answer.headers["Content-Range"].endswith(f"/{len(data)}")
        got += part
    assert got == data
    assert len(lines("cards.fetch_package")) == 2


def test_a_range_of_another_file_gives_the_whole_file(batch, machine):
    answer = machine.get(f"/batches/{batch.name}/package", Range="bytes=5-", If_Range='"other"')
    assert answer.status_code == 200
    assert len(whole(answer)) == batch.encrypted_bytes


def test_a_range_outside_the_file_is_refused_and_is_no_fetch(batch, machine):
    answer = machine.get(f"/batches/{batch.name}/package", Range=f"bytes={batch.encrypted_bytes}-")
    assert told(answer) == (416, "range")
    assert answer.headers["Content-Range"] == f"bytes */{batch.encrypted_bytes}"
    assert lines("cards.fetch_package") == []


def test_a_package_that_is_not_in_its_place_is_told(batch, machine):
    package_path(batch).unlink()
    assert told(machine.get(f"/batches/{batch.name}/package")) == (503, "package_gone")


# --- Receipts ------------------------------------------------------------------------------------


def test_a_receipt_is_taken_once_and_told_the_same_again(batch, machine):
    document = issuer_builders.technical(batch)
    first, second = machine.put(document), machine.put(document)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    jsonschema.validate(first.json(), schema("ReceiptState"))
    assert first.headers["Location"] == f"{API}/receipts/{document.receipt_id}"
    assert (
        machine.client.get(
            first.headers["Location"], headers={"Authorization": f"Bearer {machine.secret}"}
        ).json()
        == first.json()
    )
    batch.refresh_from_db()
    assert (batch.status, Receipt.objects.count()) == ("acknowledged", 1)
    receipt = Receipt.objects.get()
    assert (receipt.via, receipt.received_by) == ("api", machine.token.audit_name)
    assert lines("cards.take_receipt") == [(machine.token.audit_name, f"receipt:{receipt.pk}")]


def test_other_bytes_under_an_id_that_is_taken_are_refused(batch, machine):
    document = issuer_builders.technical(batch)
    machine.put(document)
    other = issuer_builders.technical(batch, receipt_id=document.receipt_id, text="Annat")
    for _ in range(2):
        assert told(machine.put(other)) == (409, "conflict")
    assert machine.get(f"/receipts/{document.receipt_id}").json()["state"] == "taken"
    assert machine.put(document).status_code == 200


def test_a_content_receipt_moves_the_orders(batch, machine):
    machine.put(issuer_builders.technical(batch))
    answer = machine.put(issuer_builders.content(batch, "accepted", "rejected"))
    assert answer.status_code == 201
    batch.refresh_from_db()
    assert batch.status == "partly"
    statuses = batch.orders.order_by("seq").values_list("status", "code")
    assert list(statuses) == [("accepted", ""), ("rejected", "PHOTO_BLUR")]
    shown = machine.get(f"/batches/{batch.name}").json()["receipts"]
    assert [receipt["kind"] for receipt in shown] == ["technical", "content"]


def test_a_file_is_taken_for_its_batch_as_csv_or_json(batch, machine):
    path = f"/batches/{batch.name}/receipts"
    csv = receipt_builders.as_csv(issuer_builders.technical(batch))
    assert machine.call("POST", path, csv, "text/csv; charset=utf-8").status_code == 201
    assert machine.call("POST", path, csv, "text/csv").status_code == 200
    json_file = write_receipt(issuer_builders.content(batch, "accepted", "accepted"))
    assert machine.call("POST", path, json_file).status_code == 201
    batch.refresh_from_db()
    assert batch.status == "accepted"


def test_a_receipt_that_does_not_fit_is_kept_in_quarantine_and_says_why(batch, machine):
    wrong = receipt_builders.technical(
        issuer=batch.issuer.slug, batch_id=batch.name, package_sha256="cd" * 32
    )
    for _ in range(2):
        answer = machine.put(wrong)
        assert told(answer) == (422, "quarantined")
        assert answer.json()["fault"].endswith("other_package")
    kept = machine.get(f"/receipts/{wrong.receipt_id}").json()
    assert (kept["state"], kept["fault"]) == ("quarantined", answer.json()["fault"])
    batch.refresh_from_db()
    assert (batch.status, Receipt.objects.count()) == ("delivered", 1)
    assert machine.put(issuer_builders.technical(batch)).status_code == 201


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff\xfe", b"null", b'{"a": 1}'])
def test_bytes_that_are_no_receipt_are_refused(data, batch, machine):
    for method, path in (("PUT", "/receipts/R-1"), ("POST", f"/batches/{batch.name}/receipts")):
        answer = machine.call(method, path, data)
        assert told(answer) == (422, "quarantined")
    batch.refresh_from_db()
    assert batch.status == "delivered"


def test_the_address_and_the_receipt_must_agree(batch, machine):
    document = issuer_builders.technical(batch)
    assert told(machine.put(document, "R-OTHER")) == (422, "other_id")
    other = issuer_builders.delivered(1, batch.issuer)
    data = write_receipt(document)
    answer = machine.call("POST", f"/batches/{other.name}/receipts", data)
    assert told(answer) == (422, "other_id")
    assert Receipt.objects.count() == 0


def test_a_batch_that_is_sent_anew_is_not_answered_meanwhile(batch, machine):
    Batch.objects.filter(pk=batch.pk).update(status="sealed")
    assert told(machine.put(issuer_builders.technical(batch))) == (409, "not_delivered")
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "text/csv"])
def test_another_content_type_is_refused(kind, batch, machine):
    assert told(machine.call("PUT", "/receipts/R-1", b"{}", kind)) == (415, "content_type")


@pytest.mark.parametrize("receipt_id", ["%20", "a%2Fb", "-a", "å", "a" * 81, "%00"])
def test_an_address_that_is_no_receipt_id_is_not_there(receipt_id, machine):
    for method in ("GET", "PUT"):
        answer = machine.call(method, f"/receipts/{receipt_id}", b"{}")
        assert told(answer) == (404, "not_found")


# --- Bodies that are too large or cut off --------------------------------------------------------


class Untouched(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        raise AssertionError("the body was read")


def put_raw(machine: Machine, body: io.RawIOBase, length: str) -> tuple[str, dict]:
    """Call the WSGI application itself, as a server does."""
    started: list[str] = []
    environ = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": f"{API}/receipts/R-1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": length,
        "HTTP_AUTHORIZATION": f"Bearer {machine.secret}",
        "wsgi.input": body,
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    answer = WSGIHandler()(environ, lambda status, headers: started.append(status))
    return started[0], json.loads(b"".join(answer))


@pytest.mark.parametrize("length", [str(50_000_000), str(MOST_BYTES + 1), "9" * 18])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(length, machine):
    status, problem = put_raw(machine, Untouched(), length)
    assert (status[:3], problem["code"]) == ("413", "too_large")


@pytest.mark.parametrize("length", ["", "x", "-1", "9" * 19])
def test_a_body_of_unknown_length_is_refused_before_it_is_read(length, machine):
    status, problem = put_raw(machine, Untouched(), length)
    assert (status[:3], problem["code"]) == ("411", "no_length")


def test_a_body_that_was_cut_off_is_not_taken(batch, machine):
    data = write_receipt(issuer_builders.technical(batch, receipt_id="R-1"))
    status, problem = put_raw(machine, io.BytesIO(data[:-9]), str(len(data)))
    assert (status[:3], problem["code"]) == ("400", "cut_off")
    assert Receipt.objects.count() == 0


# --- The document --------------------------------------------------------------------------------


def test_the_document_needs_no_token_and_knows_every_address():
    document = Client().get(f"{API}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": API}]
    described = {
        (method.upper(), path)
        for path, node in document["paths"].items()
        for method in node
        if method != "parameters"
    }
    ours = {
        (m, p.replace("{batch}", "{batch_id}").replace("R-1", "{receipt_id}")) for m, p in CALLS
    }
    assert described == {*ours, ("GET", "/openapi.json")}


def test_every_problem_is_described_and_says_what_to_do():
    described = {
        code
        for node in Client().get(f"{API}/openapi.json").json()["paths"].values()
        for method, operation in node.items()
        if method != "parameters"
        for answer in operation["responses"].values()
        for part in answer["content"].get("application/problem+json", {}).values()
        for code in part["allOf"][1]["properties"]["code"]["enum"]
    }
    assert described == set(Problem) == set(PROBLEMS) == set(API_SENTENCES)
