"""What can be done in the photos room, one file per capability."""
