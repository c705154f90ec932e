"""Who needs a card, and by when."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enrolment.people import access
from enrolment.people.access import NEED_OPENERS, READERS, Role, SignedIn
from enrolment.people.forms import NeedFilter, SearchForm
from enrolment.people.queries.needs import (
    TASKS,
    UNITS_SHOWN,
    answer,
    page_of_needs,
    tasks,
    units_to_book,
)
from enrolment.people.queries.persons import page_of_search
from enrolment.people.services.protection import note_looks
from enrolment.people.views.fragment import render_part


@require_safe
def overview(request: SignedIn) -> HttpResponse:
    access.hold(request.user, *READERS)
    units = access.units(request.user, *READERS)
    needs_filter = NeedFilter(request.GET, units=units)
    chosen = needs_filter.chosen()
    today = timezone.localdate()
    task = request.GET.get("task", "")
    found = page_of_needs(
        request.user, **chosen, task=task, number=request.GET.get("page", ""), today=today
    )
    may_book = bool(access.roles(request.user) & set(NEED_OPENERS))
    to_book = units_to_book(request.user, *NEED_OPENERS) if may_book else []
    note_looks(actor=request.user, people=[row.need.staff for row in found.rows])
    context = {
        "filter": needs_filter,
        "chosen": chosen,
        "answer": answer(request.user, today),
        "rows": found.rows,
        "page": found.page,
        "may_book": may_book,
        "may_plan": Role.PLANNER in access.reach(request.user)[1],
        "task": task if task in TASKS else "",
        "tasks": tasks(request.user, chosen["unit"]),
        "to_book": to_book[:UNITS_SHOWN],
        "units_left": max(0, len(to_book) - UNITS_SHOWN),
        "search": SearchForm(),
    }
    return render_part(request, "people/overview.html", "needs", context)


@require_safe
def search(request: SignedIn) -> HttpResponse:
    access.hold(request.user, *READERS)
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    page = page_of_search(request.user, words=words, number=request.GET.get("page", ""))
    note_looks(actor=request.user, people=page)
    context = {"search": form, "words": words, "page": page}
    return render(request, "people/search.html", context)
