"""Every address of the house, room by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("enrolment.desk.urls")),
    path("", include("enrolment.people.urls")),
    path("", include("booking.urls")),
    path("", include("photos.urls")),
    path("", include("enrolment.cards.urls")),
    path("papper/", include("enrolment.reports.urls")),
]
