from django.urls import path, re_path

from enrolment.cards import api
from enrolment.cards.views import (
    batches,
    certificates,
    clear_up,
    issuers,
    orders,
    person,
    portal,
    receipts,
)

app_name = "cards"
urlpatterns = [
    path("bestallningar/", orders.orders, name="orders"),
    path("bestallningar/<uuid:order_id>/aterta", orders.withdraw_order, name="withdraw_order"),
    path("kortutgivare/", issuers.issuers, name="issuers"),
    path("kortutgivare/ny/", issuers.new_issuer, name="new_issuer"),
    path("kortutgivare/<uuid:issuer_id>/", issuers.issuer, name="issuer"),
    path("kortutgivare/<uuid:issuer_id>/andra/", issuers.edit_issuer, name="edit_issuer"),
    path("kortutgivare/<uuid:issuer_id>/personer/ny/", issuers.new_person, name="new_person"),
    path(
        "kortutgivare/<uuid:issuer_id>/personer/<uuid:user_id>/ta-bort",
        issuers.drop_person,
        name="drop_person",
    ),
    path("kortutgivare/<uuid:issuer_id>/nycklar/ny/", issuers.new_token, name="new_token"),
    path("nycklar/<uuid:token_id>/aterkalla", issuers.end_token, name="end_token"),
    path(
        "kortutgivare/<uuid:issuer_id>/certifikat/nytt/",
        certificates.new_certificate,
        name="new_certificate",
    ),
    path(
        "kortutgivare/<uuid:issuer_id>/certifikat/bekrafta",
        certificates.confirm_certificate,
        name="confirm_certificate",
    ),
    path("certifikat/<uuid:certificate_id>/ta-ur-bruk", certificates.retire, name="retire"),
    path(
        "kortutgivare/<uuid:issuer_id>/sparrlistor/ny/",
        certificates.new_revocation_list,
        name="new_revocation_list",
    ),
    path("kortutgivare/<uuid:issuer_id>/bestall", orders.order_cards, name="order_cards"),
    path("kortutgivare/<uuid:issuer_id>/forsegla", batches.seal, name="seal"),
    path("leveranser/", batches.batches, name="batches"),
    path("leveranser/<uuid:batch_id>/", batches.batch, name="batch"),
    path("leveranser/<uuid:batch_id>/lage", batches.batch_progress, name="batch_progress"),
    path("leveranser/<uuid:batch_id>/paket", batches.package, name="package"),
    path("leveranser/<uuid:batch_id>/forsok-igen", batches.retry, name="retry"),
    path("leveranser/<uuid:batch_id>/skicka-igen", batches.resend, name="resend"),
    path(
        "leveranser/<uuid:batch_id>/kvittens/mottagen/", receipts.technical, name="type_technical"
    ),
    path("leveranser/<uuid:batch_id>/kvittens/svar/", receipts.content, name="type_content"),
    path("leveranser/<uuid:batch_id>/kvittens/kort/", receipts.production, name="type_production"),
    path("kvittenser/", receipts.receipts, name="receipts"),
    path("kvittenser/ladda-upp/", receipts.upload, name="upload_receipt"),
    path("kvittenser/<uuid:receipt_id>/", receipts.receipt, name="receipt"),
    path("att-reda-ut/", clear_up.clear_up, name="clear_up"),
    path("att-reda-ut/<uuid:order_id>/bestall-igen", clear_up.again, name="order_again"),
    path("att-reda-ut/<uuid:order_id>/avsluta", clear_up.end, name="end_need"),
    path("medarbetare/<uuid:staff_id>/kort", person.for_person, name="for_person"),
]

PORTAL = "utgivare/"
urlpatterns += [
    path(f"{PORTAL}leveranser/", portal.deliveries, name="deliveries"),
    path(f"{PORTAL}leveranser/<uuid:batch_id>/", portal.delivery, name="delivery"),
    path(
        f"{PORTAL}leveranser/<uuid:batch_id>/paket",
        portal.delivery_package,
        name="delivery_package",
    ),
    path(
        f"{PORTAL}leveranser/<uuid:batch_id>/mottagen",
        portal.acknowledge_delivery,
        name="acknowledge_delivery",
    ),
    path(
        f"{PORTAL}leveranser/<uuid:batch_id>/godkann",
        portal.accept_delivery,
        name="accept_delivery",
    ),
    path(f"{PORTAL}kvittens/", portal.hand_in_receipt, name="hand_in_receipt"),
    path(f"{PORTAL}bestallningar/<uuid:order_id>/", portal.delivered_order, name="delivered_order"),
    path(
        f"{PORTAL}bestallningar/<uuid:order_id>/bild",
        portal.delivered_photo,
        name="delivered_photo",
    ),
]

# The API answers for every address below it: its clients read no pages.
API = "api/utgivare/v1/"
urlpatterns += [
    path(f"{API}openapi.json", api.document, name="api_document"),
    path(f"{API}batches", api.batches, name="api_batches"),
    path(f"{API}batches/<str:batch_id>", api.batch, name="api_batch"),
    path(f"{API}batches/<str:batch_id>/package", api.package, name="api_package"),
    path(f"{API}batches/<str:batch_id>/receipts", api.batch_receipts, name="api_batch_receipts"),
    path(f"{API}receipts/<str:receipt_id>", api.receipt, name="api_receipt"),
    re_path(rf"^{API}[\s\S]*\Z", api.nowhere, name="api_nowhere"),
]
