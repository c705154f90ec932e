"""Judge a kept picture, at once or later, and keep what was found with it."""

import logging
import uuid
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from enrolment import jobs
from enrolment.audit.services import Actor, System, record
from enrolment.vault import VaultError
from photos import storage
from photos.domain.crop import Nudge
from photos.domain.findings import Answer
from photos.domain.intake import Refused
from photos.domain.judgement import AS_CUT, Judgement
from photos.domain.profile import ProfileError
from photos.models import Capture, Finding
from photos.queries.profiles import profile_of
from photos.queries.review import not_judged
from photos.weights import WeightError
from photos.worker import judge_in_worker

logger = logging.getLogger(__name__)

ASSESSOR = System("assessor")
# The request judges its picture within seconds; what is older was left behind.
LEFT_BEHIND = timedelta(seconds=30)
FAULTS = (WeightError, ProfileError, VaultError, storage.DiskFull, OSError, DatabaseError)


def assess_capture(*, actor: Actor, capture_id: UUID) -> Capture:
    """Judge a capture by the rules of when it came, and keep all that was found; twice is once.

    A picture that cannot be judged is kept with the refusal and the verdict "fail". Raises one of
    `FAULTS` when the house itself is at fault; then the capture still waits.
    """
    capture = Capture.objects.get(pk=capture_id)
    if capture.assessed_at is not None:
        return capture
    try:
        judgement = judge_kept(capture)
    except Refused as refused:
        return _keep(actor, capture, {"verdict": Answer.FAIL, "refusal": _refusal(refused)})
    return _keep_judgement(actor, capture, judgement)


def judge_kept(capture: Capture, nudge: Nudge = AS_CUT) -> Judgement:
    """Judge the picture as it was sent, its crop nudged; raise `Refused` or one of `FAULTS`."""
    profile, data = profile_of(capture), storage.read(capture.stored_as)
    return judge_in_worker(data, profile, folder=settings.FOTORUNDAN_MODELS, nudge=nudge)


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


def facts_of(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement as fields of a capture; its card picture and findings go beside."""
    return {
        "verdict": judgement.verdict,
        "decided_by": judgement.decided_by or "",
        "advice": [asdict(advice) for advice in judgement.advice],
        "nudge": {} if judgement.nudge == AS_CUT else asdict(judgement.nudge),
        "geometry": geometry_of(judgement),
    }


def prepared_card(
    capture: Capture, judgement: Judgement
) -> AbstractContextManager[storage.Prepared | None]:
    """Bring the card, if one was cut, to the disk under a name of its own: see photos.storage."""
    if judgement.card_jpeg is None:
        return nullcontext()
    federation_id = capture.booking.need.staff.federation_id
    return storage.prepared(uuid.uuid4(), federation_id, timezone.now(), judgement.card_jpeg)


def _keep_judgement(actor: Actor, capture: Capture, judgement: Judgement) -> Capture:
    findings = findings_of(capture, judgement)
    with prepared_card(capture, judgement) as card:
        return _keep(actor, capture, facts_of(judgement), findings, card)


@transaction.atomic
def _keep(
    actor: Actor,
    capture: Capture,
    facts: dict[str, Any],
    findings: Iterable[Finding] = (),
    card: storage.Prepared | None = None,
) -> Capture:
    """Write the verdict and all that goes with it, unless somebody else was quicker."""
    current = Capture.objects.select_for_update().get(pk=capture.pk)
    if current.assessed_at is not None:
        return current
    if card:
        current.card_stored_as = card.place()
    current.assessed_at = timezone.now()
    for name, value in facts.items():
        setattr(current, name, value)
    current.save()
    Finding.objects.bulk_create(findings)
    record(
        actor=actor,
        action="photos.assess_capture",
        subject=current,
        federation_id=current.booking.need.staff.federation_id,
        verdict=current.verdict,
        refusal=str(current.refusal.get("code", "")),
    )
    return current


def _refusal(refused: Refused) -> dict[str, object]:
    return {"code": refused.code, "params": refused.params}


def geometry_of(judgement: Judgement) -> dict[str, object]:
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


def findings_of(capture: Capture, judgement: Judgement) -> list[Finding]:
    """Return a judgement's findings as rows that are not saved yet."""
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
