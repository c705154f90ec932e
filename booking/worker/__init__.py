"""Plan rounds in a process of their own, limited in time; the best plan so far is always kept."""

from booking.worker.process import GRACE, solve

__all__ = ["GRACE", "solve"]
