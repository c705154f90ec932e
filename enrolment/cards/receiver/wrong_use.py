"""How the receiver says that it was asked for something that it can't do."""


class WrongUse(Exception):
    """The receiver can't begin or go on: the sentence, in Swedish, says what to do."""
