"""What can be done in the booking room, one file per capability."""
