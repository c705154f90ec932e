"""Every page that shows a photo leaves a line for each look, and pictures have no other way out."""

import re

import pytest
from django.urls import reverse

from enrolment.audit.models import Entry
from enrolment.cards.models import Batch
from enrolment.cards.services.batches import build_batch
from tests import builders, card_builders, issuer_builders, photo_builders
from tests.architecture.test_places import ROOT, product_files, web_files

pytestmark = pytest.mark.django_db
PICTURE = re.compile(
    r'(?:src|href)="(/(?:bilder|utgivare/bestallningar)/[0-9a-f-]+/(?:kort|bild)(?:\?[\w-]+)?)"'
)
# Where sealed pictures are opened: for somebody's eyes, to judge, to keep its hash, to pack, and to
# take in what a laptop sent.
READERS = {
    "photos/services/looks.py": "storage.read",
    "photos/services/assess.py": "storage.read",
    "photos/services/review.py": "storage.read",
    "photos/services/station/keys.py": "storage.read",
    # Sealed by the station, and only looked whether it is there.
    "photos/services/station/records.py": "storage.read",
    "photos/queries/orders.py": "storage.read",
    "enrolment/cards/services/packages.py": "card_bytes",
}


def station(capture):
    return photo_builders.technician(capture.booking), reverse("photos:verdict", args=[capture.pk])


def station_after_reload(capture):
    user, visit = photo_builders.technician(capture.booking), capture.booking.visit_id
    return user, reverse("photos:visit", args=[visit]) + f"?person={capture.booking_id}"


def review(capture):
    return photo_builders.reviewer(capture.booking), reverse("photos:review")


def person_panel(capture):
    staff = capture.booking.need.staff_id
    return photo_builders.reviewer(capture.booking), reverse("photos:for_person", args=[staff])


def orders(capture):
    return card_builders.keeper(capture.booking.need.staff.federation), reverse("cards:orders")


def judged():
    return photo_builders.judged(photo_builders.checked_in())


def accepted():
    return photo_builders.photo().capture


def ordered():
    return card_builders.orders()[0].photo.capture


def looks() -> list[tuple[str, str]]:
    lines = Entry.objects.filter(action="photos.look").order_by("pk")
    return list(lines.values_list("actor", "subject"))


@pytest.mark.parametrize(
    ("page", "capture"),
    [
        (station, judged),
        (station_after_reload, judged),
        (review, accepted),
        (person_panel, accepted),
        (orders, ordered),
    ],
)
def test_each_picture_on_a_page_is_a_look_in_the_log(page, capture, log_in):
    capture = capture()
    user, address = page(capture)
    client = log_in(user)
    pictures = PICTURE.findall(client.get(address).content.decode())
    assert pictures
    assert looks() == []
    for picture in pictures:
        assert client.get(picture).status_code == 200
    assert looks() == [(user.audit_name, f"capture:{capture.pk}")] * len(pictures)


def test_the_card_issuer_s_look_at_a_delivered_photo_is_one_too(log_in):
    batch = issuer_builders.delivered()
    order = batch.orders.get()
    user = issuer_builders.person(batch.issuer)
    client = log_in(user)
    page = client.get(reverse("cards:delivered_order", args=[order.pk])).content.decode()
    (picture,) = PICTURE.findall(page)
    assert client.get(picture).status_code == 200
    assert looks() == [(user.audit_name, f"capture:{order.photo.capture_id}")]


def test_pictures_are_opened_in_these_places_alone():
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in product_files()
        if (match := re.search(r"storage\.read|(?<!def )\bcard_bytes(?=\()", path.read_text()))
    }
    assert found == READERS
    names = [str(path.relative_to(ROOT)) for path in web_files()]
    assert set(found).isdisjoint(names)


def test_the_key_that_signs_leaves_a_line_once():
    batch = card_builders.batch()
    build_batch(batch_id=batch.pk)
    Batch.objects.filter(pk=batch.pk).update(status="sealed", leased_until=None)
    build_batch(batch_id=batch.pk)
    line = Entry.objects.get(action="cards.sign_batch")
    assert line.subject == f"batch:{batch.pk}"
    assert line.details == {"signer": batch.header["signer_fingerprint"]}


@pytest.mark.parametrize("paper", ["day_sheet", "delivery_note"])
def test_a_paper_fetched_as_pdf_leaves_a_line_and_its_page_none(paper, log_in):
    if paper == "day_sheet":
        about = builders.visit()
        user = about.technician.user
    else:
        about = issuer_builders.delivered()
        user = card_builders.keeper(about.issuer.federation)
    client = log_in(user)
    client.get(reverse(f"reports:{paper}", args=[about.pk]))
    fetched = Entry.objects.filter(action="reports.fetch_paper")
    assert not fetched.exists()
    client.get(reverse(f"reports:{paper}_pdf", args=[about.pk]))
    line = fetched.get()
    assert (line.actor, line.details) == (user.audit_name, {"paper": paper})
    assert line.subject == f"{about._meta.model_name}:{about.pk}"
