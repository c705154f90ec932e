"""The sentence for each fault and refusal of this room's domain: one catalogue, says what to do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrolment.people.domain.refusal import Code, Param
from enrolment.people.domain.roster_file import RosterCode, RosterField
from enrolment.people.domain.staff_file import Field

SENTENCES: Mapping[Code, Promise] = {
    Code.STEP_NOT_ALLOWED: _("This can't be done now. Reload the page to see what has happened."),
    Code.PERSONNUMMER_FORM: _("Write the personnummer as YYYYMMDD-NNNN."),
    Code.PERSONNUMMER_DATE: _(
        "Check the date in the personnummer. There is no such day, or it lies ahead."
    ),
    Code.PERSONNUMMER_CHECK_DIGIT: _("Check the personnummer. One of its digits is wrong."),
    Code.PERSONNUMMER_TAKEN: _(
        "Check the personnummer and the HSA-id. Another person has the same personnummer."
    ),
    Code.HSA_ID_FORM: _(
        "Write the HSA-id as SE, ten digits, a hyphen and the rest, such as SE5560000000-A1B2."
    ),
    Code.HSA_ID_TOO_LONG: _(
        "Check the HSA-id. It has %(length)s characters, at most %(limit)s are allowed."
    ),
    Code.HSA_ID_ODD_CHARACTERS: _(
        "Check the HSA-id. It has unusual characters. The row is taken as it is."
    ),
    Code.FILE_EMPTY: _("The file is empty. Choose another file."),
    Code.FILE_TOO_LARGE: _("Choose a file of at most %(megabytes)s MB, or split the file."),
    Code.FILE_UNPACKS_TOO_LARGE: _(
        "The workbook holds too much. Save only the list of staff as a new file."
    ),
    Code.FILE_TYPE: _(
        "Choose a CSV or XLSX file. In Excel you can save as Excel workbook (.xlsx)."
    ),
    Code.FILE_BROKEN: _("The workbook can't be read. Open it in Excel and save it again."),
    Code.FILE_QUOTES: _(
        "Close the quotation mark that begins on row %(row)s. Then choose the file again."
    ),
    Code.FILE_NO_ROWS: _("The file has only headings. Add a row for each member of staff."),
    Code.FILE_TOO_MANY_ROWS: _("Split the file. It may have at most %(limit)s rows."),
    Code.HEADINGS_MISSING: _("Add these headings to the first row: %(fields)s."),
    Code.HEADING_TWICE: _("Remove the column “%(heading)s”. Another column holds the same thing."),
    Code.ROW_QUOTES: _("Check the quotation marks on the row."),
    Code.ROW_TOO_LONG: _(
        "The row has more cells than the %(columns)s headings. "
        "Put quotation marks around text that holds separators."
    ),
    Code.VALUE_MISSING: _("Fill in the cell."),
    Code.VALUE_TOO_LONG: _(
        "Shorten the text. It has %(length)s characters, at most %(limit)s are allowed."
    ),
    Code.UNREADABLE_CHARACTERS: _(
        "Write the text again. It has line breaks or characters that can't be read."
    ),
    Code.FORMULA: _("Remove “%(sign)s” from the beginning of the text."),
    Code.UNIT_UNKNOWN: _("Check the HSA-id of the unit. %(value)s is not among your units."),
    Code.DATE: _("Write the date as 2027-02-28. “%(value)s” is not a date."),
    Code.EMAIL: _("Check the e-mail address “%(value)s”."),
    Code.YES_OR_NO: _("Write yes or no instead of “%(value)s”."),
    Code.HSA_ID_TWICE: _("The HSA-id is already on row %(first_row)s. Keep only one of the rows."),
}

HEADING_NAMES: Mapping[str, Promise] = {
    Field.HSA_ID: _("HSA-id"),
    Field.GIVEN_NAME: _("Given name"),
    Field.FAMILY_NAME: _("Family name"),
    Field.UNIT: _("Unit"),
}

ROSTER_SENTENCES: Mapping[RosterCode, Promise] = {
    RosterCode.TIME: _("Write the time as 07:00. “%(value)s” is not a time."),
    RosterCode.TIME_SKIPPED: _(
        "Choose another time. The clocks go forward then, so %(value)s does not come that night."
    ),
    RosterCode.SHIFT_KIND: _("Write work, busy or absent instead of “%(value)s”."),
    RosterCode.SHIFTS_OVERLAP: _(
        "The shift overlaps the same person's shift on row %(first_row)s. Correct one of them."
    ),
    RosterCode.PERSON_MISSING: _("Fill in the person's HSA-id or e-mail address."),
    RosterCode.PERSON_UNKNOWN: _("Check “%(value)s”. Nobody who works here has it."),
    RosterCode.EMAIL_SHARED: _("Fill in the HSA-id. More than one person has “%(value)s”."),
    RosterCode.PERSONS_DIFFER: _("Check the HSA-id and the e-mail. They are two people's."),
}

ROSTER_HEADING_NAMES: Mapping[str, Promise] = {
    RosterField.DATE: _("Date"),
    RosterField.START: _("Start"),
    RosterField.END: _("End"),
}


class Coded(Protocol):
    """A fault of a staff file or a roster file, or a Refusal."""

    @property
    def code(self) -> StrEnum: ...

    @property
    def params(self) -> Mapping[str, Param]: ...


def sentence(fault: Coded) -> str:
    """Return in the reader's language what to do about a fault. Raises ValueError for others'."""
    params = {name: _shown(value) for name, value in fault.params.items()}
    if isinstance(fault.code, RosterCode):
        return str(ROSTER_SENTENCES[fault.code]) % params
    return str(SENTENCES[Code(fault.code)]) % params


def _shown(value: Param) -> str | int:
    if isinstance(value, tuple):
        names = {**HEADING_NAMES, **ROSTER_HEADING_NAMES}
        return ", ".join(str(names[name]) for name in value)
    return value
