from django.urls import path

from enrolment.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.start, name="start"),
    path("installningar/", views.setup, name="setup"),
    path("halsa", views.health_report, name="health_report"),
    path("halsa/", views.health_page, name="health"),
    path("logg/", views.log, name="log"),
    path("logg/logg.csv", views.log_file, name="log_file"),
    path("logg/<uuid:staff_id>/", views.log, name="log_of"),
    path("logg/<uuid:staff_id>/logg.csv", views.log_file, name="log_file_of"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("demo/borja-om/", views.reset_demo, name="reset_demo"),
]
