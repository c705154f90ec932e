"""What only an answer to a form shows: a fingerprint to compare, and a key shown once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests import builders, card_builders
from tests import certificate_builders as made
from tests.browser.accessibility import assert_fits_its_width, assert_no_axe_violations

pytestmark = pytest.mark.browser


@pytest.fixture
def issuer(own_database):
    return card_builders.issuer()


@pytest.fixture
def page(issuer, page_of):
    return page_of(builders.user("administrator", within=issuer.federation))


def assert_fit_wide_and_narrow(page) -> None:
    assert_no_axe_violations(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert_fits_its_width(page)
    assert_no_axe_violations(page)


def test_a_certificate_is_compared_and_taken_into_use(page, issuer, tmp_path):
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.ec_recipient().pem)
    page.goto(reverse("cards:new_certificate", args=[issuer.pk]))
    page.locator("[name=purpose][value=encryption]").check()
    page.locator("[name=file]").set_input_files(path)
    page.locator("main form button").click()
    assert_fit_wide_and_narrow(page)
    page.locator("main form button").click()
    assert_fit_wide_and_narrow(page)
    page.locator("[name=compared]").check()
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text(issuer.name)
    assert issuer.certificates.count() == 1


def test_a_key_to_the_api_is_shown(page, issuer):
    page.goto(reverse("cards:new_token", args=[issuer.pk]))
    page.locator("[name=name]").fill("Maskinen")
    page.locator("[name=last_day]").fill((timezone.localdate() + timedelta(days=90)).isoformat())
    page.locator("main form button").click()
    expect(page.locator(".cards-secret")).to_contain_text("frt_")
    assert_fit_wide_and_narrow(page)


def test_the_server_is_asked_for_only_where_packages_go_there(page, issuer):
    page.goto(reverse("cards:edit_issuer", args=[issuer.pk]))
    expect(page.locator("[name=sftp_host]")).to_be_hidden()
    page.locator("[name=way][value=sftp]").check()
    expect(page.locator("[name=sftp_host]")).to_be_visible()
    page.locator("main form button").click()
    expect(page.locator(".error-summary li")).to_have_count(3)
    assert_fit_wide_and_narrow(page)
