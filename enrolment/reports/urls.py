from django.urls import path

from enrolment.reports import views

app_name = "reports"
urlpatterns = [
    path("daglista/<uuid:visit_id>/", views.day_sheet, name="day_sheet"),
    path("daglista/<uuid:visit_id>/pdf", views.day_sheet_pdf, name="day_sheet_pdf"),
    path("affisch/<uuid:visit_id>/", views.of_visit, {"name": "poster"}, name="poster"),
    path(
        "affisch/<uuid:visit_id>/pdf",
        views.of_visit_pdf,
        {"name": "poster"},
        name="poster_pdf",
    ),
    path("upprop/<uuid:visit_id>/", views.of_visit, {"name": "call_list"}, name="call_list"),
    path(
        "upprop/<uuid:visit_id>/pdf",
        views.of_visit_pdf,
        {"name": "call_list"},
        name="call_list_pdf",
    ),
    path("nodblankett/<uuid:visit_id>/", views.of_visit, {"name": "blank_form"}, name="blank_form"),
    path(
        "nodblankett/<uuid:visit_id>/pdf",
        views.of_visit_pdf,
        {"name": "blank_form"},
        name="blank_form_pdf",
    ),
    path("faltguide/", views.field_guide, name="field_guide"),
    path("faltguide/pdf", views.field_guide_pdf, name="field_guide_pdf"),
    path("foljesedel/<uuid:batch_id>/", views.delivery_note, name="delivery_note"),
    path("foljesedel/<uuid:batch_id>/pdf", views.delivery_note_pdf, name="delivery_note_pdf"),
]
