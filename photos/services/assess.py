"""Judge a kept picture, at once or later, and keep what was found with it."""

import logging
import uuid
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from enrolment import jobs
from enrolment.audit.services import Actor, System, record
from enrolment.vault import VaultError
from photos import storage
from photos.domain.findings import Answer
from photos.domain.intake import Refused
from photos.domain.judgement import Judgement
from photos.domain.profile import ProfileError
from photos.models import Capture, Finding
from photos.profiles import load_profile
from photos.queries.review import not_judged
from photos.weights import WeightError
from photos.worker import judge_in_worker

logger = logging.getLogger(__name__)

ASSESSOR = System("assessor")
# The request judges its picture within seconds; what is older was left behind.
LEFT_BEHIND = timedelta(seconds=30)
FAULTS = (WeightError, ProfileError, VaultError, storage.DiskFull, OSError, DatabaseError)


def assess_capture(*, actor: Actor, capture_id: UUID) -> Capture:
    """Judge a capture by its profile and keep findings, geometry and card picture; twice is once.

    A picture that cannot be judged is kept with the refusal and the verdict "fail". Raises one of
    `FAULTS` when the house itself is at fault; then the capture still waits.
    """
    capture = Capture.objects.get(pk=capture_id)
    if capture.assessed_at is not None:
        return capture
    try:
        profile = load_profile(capture.profile)
        data = storage.read(capture.stored_as)
        judgement = judge_in_worker(data, profile, folder=settings.FOTORUNDAN_MODELS)
    except Refused as refused:
        return _keep(actor, capture, verdict=Answer.FAIL, refusal=_refusal(refused))
    return _keep_judgement(actor, capture, judgement)


def judged_now(*, actor: Actor, capture_id: UUID) -> bool:
    """Judge a capture while somebody waits; say whether that went well.

    A fault here must not undo the receipt: the picture is kept, and the sweeper tries again.
    """
    try:
        assess_capture(actor=actor, capture_id=capture_id)
    except FAULTS:
        logger.exception("Capture %s is kept but could not be judged.", capture_id)
        return False
    return True


def ring_for_waiting() -> None:
    """Ring for every capture that was left without a verdict."""
    for capture_id in not_judged(timezone.now() - LEFT_BEHIND):
        jobs.ring("photos.tasks.assess", str(capture_id))


def _keep_judgement(actor: Actor, capture: Capture, judgement: Judgement) -> Capture:
    card = judgement.card_jpeg
    return _keep(
        actor,
        capture,
        verdict=judgement.verdict,
        decided_by=judgement.decided_by or "",
        advice=[asdict(advice) for advice in judgement.advice],
        geometry=_geometry(judgement),
        card_stored_as=_store_card(capture, card) if card else "",
        findings=_findings(capture, judgement),
    )


def _store_card(capture: Capture, card: bytes) -> str:
    """Keep the card under a name of its own, so that a lost try never stands in the way."""
    federation_id = capture.booking.need.staff.federation_id
    return storage.write(uuid.uuid4(), federation_id, timezone.now(), card)


@transaction.atomic
def _keep(
    actor: Actor,
    capture: Capture,
    *,
    verdict: Answer,
    decided_by: str = "",
    advice: list[dict[str, object]] | None = None,
    refusal: dict[str, object] | None = None,
    geometry: dict[str, object] | None = None,
    card_stored_as: str = "",
    findings: list[Finding] | None = None,
) -> Capture:
    """Write the verdict and all that goes with it, unless somebody else was quicker."""
    current = Capture.objects.select_for_update().get(pk=capture.pk)
    if current.assessed_at is not None:
        return current
    current.assessed_at, current.verdict = timezone.now(), verdict
    current.decided_by, current.advice = decided_by, advice or []
    current.refusal, current.geometry = refusal or {}, geometry or {}
    current.card_stored_as = card_stored_as
    current.save()
    Finding.objects.bulk_create(findings or [])
    record(
        actor=actor,
        action="photos.assess_capture",
        subject=current,
        federation_id=current.booking.need.staff.federation_id,
        verdict=verdict,
        refusal=str(current.refusal.get("code", "")),
    )
    return current


def _refusal(refused: Refused) -> dict[str, object]:
    return {"code": refused.code, "params": refused.params}


def _geometry(judgement: Judgement) -> dict[str, object]:
    """Return where the face and the crop are, in pixels of the upright picture and degrees."""
    return {
        "faces": judgement.faces,
        "size": [judgement.width, judgement.height],
        "eye_left": judgement.eye_left,
        "eye_right": judgement.eye_right,
        "roll": judgement.roll,
        "yaw": judgement.yaw,
        "pitch": judgement.pitch,
        "crop": asdict(judgement.crop) if judgement.crop else None,
        "marks": asdict(judgement.marks) if judgement.marks else None,
        "others": judgement.others,
        "evened": judgement.evened,
    }


def _findings(capture: Capture, judgement: Judgement) -> list[Finding]:
    return [
        Finding(
            capture=capture,
            position=position,
            component=found.component,
            answer=found.answer,
            value=found.value,
            unit=found.unit,
            limit=found.limit,
            bounds=found.bounds,
            tier=found.tier,
            source=found.source,
            advice_code=found.advice.code if found.advice else "",
            advice_params=dict(found.advice.params) if found.advice else {},
        )
        for position, found in enumerate(judgement.findings)
    ]
