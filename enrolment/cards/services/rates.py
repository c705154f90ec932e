"""How often an issuer's machine may call: counted for all our processes together."""

from django.core.cache import cache
from django.utils import timezone

from enrolment.cards.models import IssuerToken

# A house choice: plenty to fetch and answer in, little enough that a loop gone wild does no harm.
CALLS_A_MINUTE = 120
MINUTE = 60


def take_turn(token: IssuerToken) -> int:
    """Count a call of the token's; return 0, or the seconds to wait when it has had its share."""
    now = int(timezone.now().timestamp())
    key = f"cards_api:{token.pk}:{now // MINUTE}"
    calls = cache.get(key, 0)
    if calls >= CALLS_A_MINUTE:
        return MINUTE - now % MINUTE
    cache.set(key, calls + 1, 2 * MINUTE)
    return 0
