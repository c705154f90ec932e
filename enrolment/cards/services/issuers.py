"""Register card issuers."""

from django.core.validators import RegexValidator
from django.db import transaction

from enrolment.audit.services import Actor, record
from enrolment.cards.domain.package_fields import CODE
from enrolment.cards.models import Issuer
from enrolment.people.models import Federation

# Both stand in every package, so they must be what the package takes as a code.
is_code = RegexValidator(CODE["pattern"])


@transaction.atomic
def register_issuer(
    *,
    actor: Actor,
    federation: Federation,
    name: str,
    slug: str,
    environment: Issuer.Environment,
    card_type: str,
    wants_personnummer: bool = False,
) -> Issuer:
    """Register a card issuer of the federation.

    `slug` names the issuer in packages and folders, `card_type` is the issuer's own code;
    `wants_personnummer` only where the agreement with the issuer says so. Raises ValidationError
    where slug or type is no code, or the slug is taken in the federation.
    """
    issuer = Issuer(
        federation=federation,
        name=name,
        slug=slug,
        environment=environment,
        card_type=card_type,
        wants_personnummer=wants_personnummer,
    )
    issuer.full_clean()
    is_code(slug)
    is_code(card_type)
    issuer.save(force_insert=True)
    record(
        actor=actor,
        action="cards.register_issuer",
        subject=issuer,
        federation_id=federation.pk,
        environment=environment,
    )
    return issuer
