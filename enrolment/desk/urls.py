from django.urls import path

from enrolment.desk.views import house, texts, undelivered

app_name = "desk"
urlpatterns = [
    path("", house.start, name="start"),
    path("installningar/", house.setup, name="setup"),
    path("installningar/meddelandetexter/", texts.text_list, name="texts"),
    path("installningar/meddelandetexter/andra/", texts.edit_text, name="edit_text"),
    path("installningar/meddelandetexter/visa/", texts.preview_text, name="preview_text"),
    path("installningar/meddelandetexter/aterstall/", texts.house_text, name="reset_text"),
    path("meddelanden/", undelivered.undelivered, name="undelivered"),
    path("meddelanden/<uuid:message_id>/skicka/", undelivered.again, name="send_again"),
    path("meddelanden/<uuid:message_id>/klart/", undelivered.settle, name="settle_message"),
    path("halsa", house.health_report, name="health_report"),
    path("halsa/", house.health_page, name="health"),
    path("logg/", house.log, name="log"),
    path("logg/logg.csv", house.log_file, name="log_file"),
    path("logg/<uuid:staff_id>/", house.log, name="log_of"),
    path("logg/<uuid:staff_id>/logg.csv", house.log_file, name="log_file_of"),
    path("tillganglighet/", house.accessibility, name="accessibility"),
    path("demo/borja-om/", house.reset_demo, name="reset_demo"),
]
