from django.urls import path

from enrolment.reports import views

app_name = "reports"
urlpatterns = [
    path("daglista/<uuid:visit_id>/", views.day_sheet, name="day_sheet"),
    path("daglista/<uuid:visit_id>/pdf", views.day_sheet_pdf, name="day_sheet_pdf"),
    path("foljesedel/<uuid:batch_id>/", views.delivery_note, name="delivery_note"),
    path("foljesedel/<uuid:batch_id>/pdf", views.delivery_note_pdf, name="delivery_note_pdf"),
]
