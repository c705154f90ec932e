"""The demo: two invented federations, and one whole job done in front of you."""
