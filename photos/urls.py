from django.urls import path

from photos import api
from photos.views import pictures, review, station

app_name = "photos"
urlpatterns = [
    path("fotografera/<uuid:visit_id>/", station.visit, name="visit"),
    path(
        "fotografera/<uuid:visit_id>/<uuid:booking_id>/checka-in",
        station.check_in,
        name="check_in",
    ),
    path(
        "fotografera/<uuid:visit_id>/<uuid:booking_id>/uteblev",
        station.no_show,
        name="no_show",
    ),
    path(
        "api/besok/<uuid:visit_id>/bilder/<uuid:capture_id>",
        api.capture_upload,
        name="capture_upload",
    ),
    path("bilder/<uuid:capture_id>/bedomning", station.verdict, name="verdict"),
    path("bilder/<uuid:capture_id>/beskar", station.nudge, name="nudge"),
    path("bilder/<uuid:capture_id>/godkann", station.accept, name="accept"),
    path("bilder/<uuid:capture_id>/kort", pictures.card_image, name="card_image"),
    path("bilder/<uuid:capture_id>/bild", pictures.capture_image, name="capture_image"),
    path("granska/", review.review, name="review"),
    path("granska/<uuid:photo_id>/godkann", review.approve, name="approve"),
    path("granska/<uuid:photo_id>/underkann", review.reject, name="reject"),
    path("medarbetare/<uuid:staff_id>/bild", pictures.for_person, name="for_person"),
]
