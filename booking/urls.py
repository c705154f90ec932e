from django.urls import path

from booking.views import new, people, visits

app_name = "booking"
urlpatterns = [
    path("", visits.visit_list, name="list"),
    path("boka/", new.new, name="new"),
    path("<uuid:visit_id>/", visits.visit, name="visit"),
    path("<uuid:visit_id>/avboka/", visits.cancel, name="cancel"),
    path("<uuid:visit_id>/avsluta/", visits.close, name="close"),
    path("<uuid:visit_id>/tid/<int:slot_id>/", people.slot, name="slot"),
    path("<uuid:visit_id>/lagg-till/", people.add, name="add"),
    path("<uuid:visit_id>/boka/", people.book, name="book"),
    path("<uuid:visit_id>/flytta/<uuid:booking_id>/", people.move, name="move"),
    path("<uuid:visit_id>/avboka/<uuid:booking_id>/", people.cancel_person, name="cancel_person"),
    path("<uuid:visit_id>/uteblev/<uuid:booking_id>/", people.no_show, name="no_show"),
    path("<uuid:visit_id>/checka-in/<uuid:booking_id>/", people.check_in, name="check_in"),
]
