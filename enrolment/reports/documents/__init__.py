"""The documents of the house: each is put together here, and shown as a page or as a PDF."""

from enrolment.reports.documents.blank_form import blank_form
from enrolment.reports.documents.call_list import call_list
from enrolment.reports.documents.day_sheet import day_sheet, day_sheet_pdf
from enrolment.reports.documents.delivery_note import delivery_note, delivery_note_pdf
from enrolment.reports.documents.field_guide import field_guide
from enrolment.reports.documents.poster import poster

__all__ = [
    "blank_form",
    "call_list",
    "day_sheet",
    "day_sheet_pdf",
    "delivery_note",
    "delivery_note_pdf",
    "field_guide",
    "poster",
]
