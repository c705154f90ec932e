"""The API for card issuers against its own description: whatever is sent, it keeps its word.

Schemathesis makes calls from the OpenAPI document, right ones and wrong ones, and checks status,
content type, headers and body of each answer, and that nothing opens without the token. That is
done on PostgreSQL, which refuses more than SQLite does.
"""

import logging
import re
import warnings

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from enrolment.cards.domain.package_fields import BATCH_ID
from enrolment.cards.domain.receipt_fields import write_receipt
from enrolment.cards.models import Receipt
from enrolment.cards.services import rates
from enrolment.cards.services.receipts import take_receipt
from tests import issuer_builders

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db,
    pytest.mark.usefixtures("kept_connection"),
]
EXAMPLES = 50
RECEIPT = "R-1"
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
        "checks": {
            # Receipts that keep the schema may still not fit any batch.
            "positive_data_acceptance": {"expected-statuses": [200, 201, 206, 404, 409, 416, 422]},
            "negative_data_rejection": {
                "expected-statuses": [400, 401, 404, 405, 411, 413, 415, 416, 422]
            },
        },
    }
)
with warnings.catch_warnings():
    # No static files have been gathered when this is read.
    warnings.simplefilter("ignore")
    HANDLER = WSGIHandler()


def application(environ, start_response):
    """Close each answer when it is sent, as servers do and Schemathesis does not."""
    answer = HANDLER(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


schema = schemathesis.openapi.from_wsgi("/api/utgivare/v1/openapi.json", application, config=CONFIG)


@schemathesis.serializer("text/csv")
def csv(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def known(caplog, monkeypatch):
    """A batch that was answered once as RECEIPT, and the token of its issuer's machine."""
    caplog.set_level(logging.ERROR, logger="django.request")
    monkeypatch.setattr(rates, "CALLS_A_MINUTE", 1_000_000)
    batch = issuer_builders.delivered(1)
    token, secret = issuer_builders.token(batch.issuer)
    take_receipt(
        actor=token,
        issuer=batch.issuer,
        data=write_receipt(issuer_builders.technical(batch, receipt_id=RECEIPT)),
        name="a.json",
        via=Receipt.Via.API,
    )
    return batch, secret


def make_it_fit(case, batch) -> None:
    """Let a call be about what is there, where it keeps the schema."""
    place = case.path_parameters
    if re.fullmatch(BATCH_ID["pattern"], str(place.get("batch_id"))):
        place["batch_id"] = batch.name
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    if case.method == "GET" and "receipt_id" in place:
        place["receipt_id"] = RECEIPT
    if isinstance(case.body, dict):
        case.body |= {
            "receipt_id": place.get("receipt_id", case.body["receipt_id"]),
            "issuer": batch.issuer.slug,
            "batch_id": batch.name,
            "package_sha256": batch.package_sha256,
        }


@schema.parametrize()
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_answer_is_as_described(case, known):
    batch, secret = known
    make_it_fit(case, batch)
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})
