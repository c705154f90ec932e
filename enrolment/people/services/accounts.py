"""Who may log in: people invited, sent a link to choose a password, roles taken back."""

from uuid import uuid4

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from enrolment.audit.services import Actor, record
from enrolment.messages.services import Email, write_message
from enrolment.people.models import CareUnit, Federation, Membership, Municipality, User
from enrolment.people.services.organisation import add_user, give_role


class LastAdministrator(Exception):
    """A federation keeps at least one administrator."""


@transaction.atomic
def invite_user(
    *,
    actor: Actor,
    federation: Federation,
    email: str,
    name: str,
    role: str,
    municipality: Municipality | None,
    unit: CareUnit | None,
    site: str,
) -> Membership:
    """Give a role to the user with this address; somebody new is added and told by e-mail.

    `site` is the address of the house, such as https://fotorundan.example.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = add_user(actor=actor, federation=federation, email=email, name=name, password="")
        send_password_link(actor=actor, user=user, federation=federation, site=site)
    return give_role(
        actor=actor,
        user=user,
        role=role,
        federation=federation,
        municipality=municipality,
        unit=unit,
    )


@transaction.atomic
def send_password_link(*, actor: Actor, user: User, federation: Federation, site: str) -> None:
    """Send a link by which the user chooses a password; it works once, for three days."""
    write_message(
        actor=actor,
        federation_id=federation.pk,
        key=f"password_link:{uuid4()}",
        email=Email(
            recipient=user.email,
            subject=_("Choose your password for Fotorundan"),
            body=_(
                "Hello %(name)s!\n\n"
                "Choose your password here:\n%(link)s\n\n"
                "The link works once and for three days.\n"
                "Ask your administrator if you need a new one.\n"
            )
            % {"name": user.name, "link": site.rstrip("/") + _password_page(user)},
        ),
    )


@transaction.atomic
def take_role(*, actor: Actor, membership: Membership) -> None:
    """Take a role back. Raises LastAdministrator."""
    federation = Federation.objects.select_for_update().get(pk=membership.federation_id)
    if _is_last_administrator(membership):
        raise LastAdministrator
    record(
        actor=actor,
        action="people.take_role",
        subject=membership,
        federation_id=federation.pk,
        role=membership.role,
        user=str(membership.user_id),
    )
    membership.delete()


def _is_last_administrator(membership: Membership) -> bool:
    administrators = Membership.objects.filter(
        federation=membership.federation_id,
        role=Membership.Role.ADMINISTRATOR,
        municipality=None,
        unit=None,
        user__is_active=True,
    )
    return list(administrators.values_list("pk", flat=True)[:2]) == [membership.pk]


def _password_page(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("people:choose_password", args=[uid, token])
