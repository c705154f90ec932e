from django.urls import path

from enrolment.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.start, name="start"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("demo/borja-om/", views.reset_demo, name="reset_demo"),
]
