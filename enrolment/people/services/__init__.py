"""What can be done in the people room, one file per capability."""
