from django.urls import path

from enrolment.cards import views

app_name = "cards"
urlpatterns = [
    path("bestallningar/", views.orders, name="orders"),
    path("bestallningar/<uuid:order_id>/aterta", views.withdraw_order, name="withdraw_order"),
    path("kortutgivare/<uuid:issuer_id>/bestall", views.order_cards, name="order_cards"),
    path("kortutgivare/<uuid:issuer_id>/forsegla", views.seal, name="seal"),
    path("leveranser/", views.batches, name="batches"),
    path("leveranser/<uuid:batch_id>/", views.batch, name="batch"),
    path("leveranser/<uuid:batch_id>/lage", views.batch_progress, name="batch_progress"),
    path("leveranser/<uuid:batch_id>/paket", views.package, name="package"),
    path("leveranser/<uuid:batch_id>/forsok-igen", views.retry, name="retry"),
    path("medarbetare/<uuid:staff_id>/kort", views.for_person, name="for_person"),
]
