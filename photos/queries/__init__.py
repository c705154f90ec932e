"""Reads of the photos room; the rooms above ask for what is ready to be ordered."""

from photos.queries.orders import card_bytes, photos_ready_for_order
from photos.queries.review import to_review, unjudged_since

__all__ = ["card_bytes", "photos_ready_for_order", "to_review", "unjudged_since"]
