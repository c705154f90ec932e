"""The pictures, and what a laptop at a visit sends of them."""

from photos.models.captures import Capture, Decision, Finding, Photo
from photos.models.station import Laptop, StationKey, StationRecord

__all__ = ["Capture", "Decision", "Finding", "Laptop", "Photo", "StationKey", "StationRecord"]
