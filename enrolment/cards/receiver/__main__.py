"""Run the receiver: `python -m enrolment.cards.receiver PACKAGE …`."""

from enrolment.cards.receiver.command import main

main()
