"""The panel about a person's card."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enrolment.cards import access, queries
from enrolment.cards.queries.receipts import Answered
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn


@require_safe
def for_person(request: SignedIn, staff_id: UUID) -> HttpResponse:
    staff = people_access.staff_member(request.user, staff_id)
    context = {
        "rows": [Answered(order) for order in queries.person_orders(staff)],
        "issuers": set(access.issuers(request.user)),
    }
    return render(request, "cards/parts/person.html", context)
