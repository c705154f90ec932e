"""What can be done in the cards room, one file per capability."""
