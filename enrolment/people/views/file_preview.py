"""The changes of a staff file as the sections of a page: new, changed, gone and wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrolment.people.domain.staff_file import Change, Fault, Field, StaffRow
from enrolment.people.faults import sentence
from enrolment.people.queries.staff_changes import FileChanges

PAGE_SIZE = 100
OPEN_AT_MOST = 25

LABELS: Mapping[Field, Promise] = {
    Field.HSA_ID: gettext_lazy("HSA-id"),
    Field.GIVEN_NAME: gettext_lazy("Given name"),
    Field.FAMILY_NAME: gettext_lazy("Family name"),
    Field.TITLE: gettext_lazy("Title"),
    Field.EMAIL: gettext_lazy("E-mail"),
    Field.PHONE: gettext_lazy("Telephone"),
    Field.UNIT: gettext_lazy("Unit"),
    Field.CARD_EXPIRES: gettext_lazy("Card valid until"),
    Field.PROTECTED: gettext_lazy("Protected personal data"),
    Field.PERSONNUMMER: gettext_lazy("Personnummer"),
}


@dataclass(frozen=True)
class Line:
    """One person; the name is empty for a protected person whom the reader does not handle."""

    hsa_id: str
    name: str
    unit: str
    returning: bool = False
    values: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class FaultLine:
    """One fault: the row and column it stands in, and what to do."""

    row: int
    column: str
    advice: str


@dataclass(frozen=True)
class Section:
    """One part of the page, a page of it at a time; `kind` is the parameter of its page number."""

    kind: str
    lines: list[Any]
    page: Page[Any]

    @property
    def count(self) -> int:
        """Return how many lines there are in all."""
        return self.page.paginator.count

    @property
    def opened(self) -> bool:
        """Return whether it starts unfolded: needs somebody, is short, or its pages are turned."""
        return self.kind == "wrong" or self.count <= OPEN_AT_MOST or self.page.number > 1

    @property
    def before(self) -> dict[str, int]:
        """Return the query of the page before."""
        return {self.kind: self.page.previous_page_number()}

    @property
    def after(self) -> dict[str, int]:
        """Return the query of the page after."""
        return {self.kind: self.page.next_page_number()}


@dataclass(frozen=True)
class Preview:
    """Tells the changes to one reader: who handles `handled` sees those protected persons."""

    found: FileChanges
    unit_names: Mapping[str, str]
    handled: frozenset[str]

    def sections(self, query: Mapping[str, str]) -> list[Section]:
        """Return the sections that have lines, those to correct first."""
        changes = self.found.changes
        parts: list[tuple[str, Sequence[Any], Callable[[Any], Any]]] = [
            ("wrong", self.found.faults, fault_line),
            ("new", changes.new, self.person),
            ("changed", changes.changed, self.change),
            ("gone", changes.gone, self.person),
        ]
        return [_section(query, *part) for part in parts if part[1]]

    def person(self, row: StaffRow) -> Line:
        """Return a new or gone person as a line."""
        name = "" if self._hides(row) else f"{row.given_name} {row.family_name}"
        unit = self.unit_names.get(row.unit, row.unit)
        return Line(row.hsa_id, name, unit, row.hsa_id in self.found.returning)

    def change(self, change: Change) -> Line:
        """Return a changed person as a line, with each field's old and new value."""
        line = self.person(change.row)
        values = tuple(
            {"label": str(LABELS[field.field]), **self._values(change.row, field.old, field.new)}
            for field in change.fields
        )
        return Line(line.hsa_id, line.name, line.unit, line.returning, values)

    def _values(self, row: StaffRow, old: object, new: object) -> dict[str, str]:
        if self._hides(row) and not isinstance(new, bool):
            return {"old": "", "new": _("hidden")}
        return {"old": self._text(old), "new": self._text(new)}

    def _text(self, value: object) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date):
            return value.isoformat()
        return self.unit_names.get(str(value), str(value)) if value else ""

    def _hides(self, row: StaffRow) -> bool:
        return row.hsa_id in self.found.protected and row.hsa_id not in self.handled


def fault_line(fault: Fault) -> FaultLine:
    """Return a fault as a line."""
    return FaultLine(fault.row, fault.column, sentence(fault))


def _section(
    query: Mapping[str, str], kind: str, found: Sequence[Any], line: Callable[[Any], Any]
) -> Section:
    page = Paginator(found, PAGE_SIZE).get_page(query.get(kind, ""))
    return Section(kind, [line(item) for item in page.object_list], page)
