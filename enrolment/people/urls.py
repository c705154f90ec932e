from django.contrib.auth.views import LogoutView
from django.urls import path

from enrolment.people.views import (
    log_in,
    overview,
    protected,
    rosters,
    staff,
    staff_files,
    units,
    users,
)

app_name = "people"
urlpatterns = [
    path("logga-in/", log_in.LogIn.as_view(), name="log_in"),
    path("logga-in/demo/<uuid:user_id>/", log_in.demo_log_in, name="demo_log_in"),
    path("logga-ut/", LogoutView.as_view(), name="log_out"),
    path("losenord/<uidb64>/<token>/", log_in.ChoosePassword.as_view(), name="choose_password"),
    path("oversikt/", overview.overview, name="overview"),
    path("enheter/", units.units, name="units"),
    path("enheter/ny/", units.new_unit, name="new_unit"),
    path("enheter/<uuid:unit_id>/", units.unit, name="unit"),
    path("enheter/<uuid:unit_id>/andra/", units.edit_unit, name="edit_unit"),
    path("medarbetare/", overview.search, name="search"),
    path("medarbetare/<uuid:staff_id>/", staff.staff, name="staff"),
    path("medarbetare/<uuid:staff_id>/kortbehov/", staff.open_need_by_hand, name="open_need"),
    path("enheter/<uuid:unit_id>/schema/", rosters.roster, name="roster"),
    path("import/schema/", rosters.roster_import, name="roster_import"),
    path("import/", staff_files.upload, name="import"),
    path("import/<uuid:file_id>/", staff_files.preview, name="import_preview"),
    path("import/<uuid:file_id>/spara/", staff_files.confirm, name="import_confirm"),
    path("import/<uuid:file_id>/kasta/", staff_files.discard, name="import_discard"),
    path("import/<uuid:file_id>/att-ratta.csv", staff_files.faults, name="import_faults"),
    path("anvandare/", users.users, name="users"),
    path("anvandare/ny/", users.new_user, name="new_user"),
    path("anvandare/<uuid:user_id>/lank/", users.password_link, name="password_link"),
    path("anvandare/roll/<int:membership_id>/", users.remove_role, name="remove_role"),
    path("skyddade/", protected.protected, name="protected"),
    path(
        "skyddade/<uuid:staff_id>/<uuid:user_id>/",
        protected.remove_handler,
        name="remove_handler",
    ),
]
