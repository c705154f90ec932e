"""How the people room says no: a code and the values its sentence needs, never a sentence."""

from enum import StrEnum

type Param = str | int | tuple[str, ...]


class Code(StrEnum):
    """Every code this room's domain uses; `enrolment.people.faults` has a sentence for each."""

    STEP_NOT_ALLOWED = "step_not_allowed"

    PERSONNUMMER_FORM = "personnummer_form"
    PERSONNUMMER_DATE = "personnummer_date"
    PERSONNUMMER_CHECK_DIGIT = "personnummer_check_digit"
    PERSONNUMMER_TAKEN = "personnummer_taken"

    HSA_ID_FORM = "hsa_id_form"
    HSA_ID_TOO_LONG = "hsa_id_too_long"
    HSA_ID_ODD_CHARACTERS = "hsa_id_odd_characters"  # a warning: the HSA-id is taken

    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_UNPACKS_TOO_LARGE = "file_unpacks_too_large"
    FILE_TYPE = "file_type"
    FILE_BROKEN = "file_broken"
    FILE_QUOTES = "file_quotes"
    FILE_NO_ROWS = "file_no_rows"
    FILE_TOO_MANY_ROWS = "file_too_many_rows"
    HEADINGS_MISSING = "headings_missing"
    HEADING_TWICE = "heading_twice"

    ROW_QUOTES = "row_quotes"
    ROW_TOO_LONG = "row_too_long"
    VALUE_MISSING = "value_missing"
    VALUE_TOO_LONG = "value_too_long"
    UNREADABLE_CHARACTERS = "unreadable_characters"
    FORMULA = "formula"
    UNIT_UNKNOWN = "unit_unknown"
    DATE = "date"
    EMAIL = "email"
    YES_OR_NO = "yes_or_no"
    HSA_ID_TWICE = "hsa_id_twice"


class Refusal(ValueError):
    """A refusal as `code` and `params`, which may hold what was typed: not for a log."""

    def __init__(self, code: StrEnum, **params: Param) -> None:
        super().__init__(code.value)
        self.code = code
        self.params = params
