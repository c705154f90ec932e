"""The capture station: what laptops are given, what they send, and what comes of it."""
