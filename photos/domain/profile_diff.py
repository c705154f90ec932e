"""What one profile states otherwise than another."""

from dataclasses import asdict, dataclass

from photos.domain.profile import Limit, Profile


@dataclass(frozen=True)
class Stated:
    """One thing that a profile states: its place, such as "limits.yaw", and what.

    A limit brings its source and date; those of the policy are statements of their own.
    """

    place: str
    value: Limit | str | float


@dataclass(frozen=True)
class Difference:
    """Two statements of one place, of the one profile and of the other."""

    old: Stated
    new: Stated


def statements(profile: Profile) -> list[Stated]:
    """Return everything that a profile states: card, policy, then every limit."""
    policy = asdict(profile.policy)
    policy["formats"] = ", ".join(profile.policy.formats)
    policy["date"] = profile.policy.date.isoformat()
    return [
        *(Stated(f"card.{name}", value) for name, value in asdict(profile.card).items()),
        *(Stated(f"policy.{name}", value) for name, value in policy.items()),
        *(Stated(f"limits.{name}", limit) for name, limit in profile.limits.items()),
    ]


def differences(old: Profile, new: Profile) -> list[Difference]:
    """Return what differs, be it only in source or date, in the order of the profiles."""
    pairs = zip(statements(old), statements(new), strict=True)
    return [Difference(one, other) for one, other in pairs if one != other]
