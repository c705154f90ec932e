"""The list of visits, one visit, and its end."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking import access, queries
from booking.services.visits import close_visit
from booking.views.page import carry_out, visit_page
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn


@require_safe
def visit_list(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.READERS)
    roles = people_access.roles(request.user)
    context = {
        "visits": queries.visit_lists(access.shared_visits(request.user), timezone.now()),
        "may_book": bool(roles & set(access.BOOKERS)),
        "is_technician": Role.TECHNICIAN in roles,
    }
    return render(request, "booking/list.html", context)


@require_safe
def visit(request: SignedIn, visit_id: UUID) -> HttpResponse:
    return visit_page(request, access.shared_visit(request.user, visit_id))


@require_POST
def close(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id, Role.TECHNICIAN)
    act = partial(close_visit, actor=request.user, visit=visit)
    return carry_out(request, visit, act, _("The visit is closed."))
