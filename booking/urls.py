from django.urls import path

from booking.views import new, people, visits

app_name = "booking"
urlpatterns = [
    path("besok/", visits.visit_list, name="list"),
    path("besok/boka/", new.new, name="new"),
    path("besok/<uuid:visit_id>/", visits.visit, name="visit"),
    path("besok/<uuid:visit_id>/avboka/", visits.cancel, name="cancel"),
    path("besok/<uuid:visit_id>/avsluta/", visits.close, name="close"),
    path("besok/<uuid:visit_id>/tid/<int:slot_id>/", people.slot, name="slot"),
    path("besok/<uuid:visit_id>/lagg-till/", people.add, name="add"),
    path("besok/<uuid:visit_id>/boka/", people.book, name="book"),
    path("besok/<uuid:visit_id>/flytta/<uuid:booking_id>/", people.move, name="move"),
    path(
        "besok/<uuid:visit_id>/avboka/<uuid:booking_id>/",
        people.cancel_person,
        name="cancel_person",
    ),
    path("besok/<uuid:visit_id>/uteblev/<uuid:booking_id>/", people.no_show, name="no_show"),
    path("besok/<uuid:visit_id>/checka-in/<uuid:booking_id>/", people.check_in, name="check_in"),
]
