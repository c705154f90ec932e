from django.urls import path

from photos.api import station as station_api
from photos.api import uploads
from photos.views import conflicts, pictures, review, shell, station, wrap_up

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
        uploads.capture_upload,
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
    path("station/", shell.station, name="station"),
    path("station/personen/", shell.person, name="station_person"),
    path("station/sw.js", shell.worker, name="station_worker"),
    path("station/manifest.webmanifest", shell.manifest, name="station_manifest"),
    path("api/station/lage", station_api.state, name="station_state"),
    path("api/station/besok", station_api.visits, name="station_visits"),
    path("api/station/besok/<uuid:visit_id>", station_api.package, name="station_package"),
    path(
        "api/station/besok/<uuid:visit_id>/poster/<uuid:record_id>",
        station_api.record,
        name="station_record",
    ),
    path("api/station/besok/<uuid:visit_id>/dator", station_api.laptop, name="station_laptop"),
    path("att-reda-ut/fotograferingen/", conflicts.conflicts, name="conflicts"),
    path("att-reda-ut/fotograferingen/<uuid:record_id>/", conflicts.conflict, name="conflict"),
    path(
        "att-reda-ut/fotograferingen/<uuid:record_id>/bild", conflicts.image, name="conflict_image"
    ),
    path("att-reda-ut/raddning/", conflicts.rescue, name="rescue"),
    path("besok/<uuid:visit_id>/fotograferat/", wrap_up.wrap_up, name="wrap_up"),
    path(
        "besok/<uuid:visit_id>/fotograferat/datorer/<int:laptop_id>/rakna-inte",
        wrap_up.write_off,
        name="write_off_laptop",
    ),
    path("planering/tid-per-person/", wrap_up.seconds, name="seconds"),
]
