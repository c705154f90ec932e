"""Who a session belongs to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import prefetch_related_objects

from enrolment.people.models import User


class Accounts(ModelBackend):
    """The users of the house; their roles are read once for each request."""

    def get_user(self, user_id: Any) -> User | None:
        """Return an active user with the memberships, by which every door is opened."""
        user = super().get_user(user_id)
        if not isinstance(user, User):
            return None
        prefetch_related_objects([user], "memberships")
        return user
