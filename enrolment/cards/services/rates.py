"""How often an issuer's machine may call: counted for all our processes together."""

from datetime import timedelta

from django.utils import timezone

from enrolment import turns
from enrolment.cards.models import IssuerToken

# A house choice: plenty to fetch and answer in, little enough that a loop gone wild does no harm.
CALLS_A_MINUTE = 120
MINUTE = 60


def take_turn(token: IssuerToken) -> int:
    """Count a call of the token's; return 0, or the seconds to wait when it has had its share."""
    now = int(timezone.now().timestamp())
    name = f"cards_api:{token.pk}:{now // MINUTE}"
    if turns.take(name, most=CALLS_A_MINUTE, rest=timedelta(minutes=2)):
        return 0
    return MINUTE - now % MINUTE
