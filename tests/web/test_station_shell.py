"""The station's shell: the same for everybody, whole without a network, and strict."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import reverse
from PIL import Image

from photos.queries import station_files
from photos.views import shell
from tests import builders

PAGES = ["photos:station", "photos:station_person"]
ADDRESSES = [*PAGES, "photos:station_worker", "photos:station_manifest"]
NEWER = "photos/station/work.js"
IMPORT = re.compile(r'(?:from|import)\s*\(?"(\.[^"]+)"')


def answer(name: str, client: Client | None = None):
    return (client or Client()).get(reverse(name))


def kept() -> list[str]:
    script = answer("photos:station_worker").content.decode()
    return json.loads(re.search(r"const KEPT = (\[.*?\]);", script, re.DOTALL)[1])


def static_name(address: str) -> str:
    return address.removeprefix("/static/")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ADDRESSES)
def test_everybody_gets_the_same_bytes_and_no_cookie(name, log_in):
    nobody = answer(name)
    somebody = answer(name, log_in(builders.technician().user))
    assert nobody.status_code == 200
    assert nobody.content == somebody.content
    assert not nobody.cookies
    assert nobody["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ADDRESSES)
def test_nothing_is_ever_sent_to_the_shell(name):
    assert Client().post(reverse(name)).status_code == 405


def test_webassembly_is_let_in_on_the_station_alone():
    policies = {name: answer(name)["Content-Security-Policy"] for name in ADDRESSES}
    assert "script-src 'self' 'wasm-unsafe-eval';" in policies.pop("photos:station")
    assert all("wasm" not in policy for policy in policies.values())
    assert all("unsafe-inline" not in answer(name)["Content-Security-Policy"] for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_no_script_or_style_stands_in_the_page(name):
    page = answer(name).content.decode()
    scripts = re.findall(r"<script(?![^>]*\b(?:src=|application/json))", page)
    assert scripts == re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []


def test_the_worker_keeps_both_pages_and_nothing_about_people():
    addresses = kept()
    assert {reverse(name) for name in PAGES} <= set(addresses)
    assert not [address for address in addresses if address.startswith("/api/")]
    assert answer("photos:station_worker")["Service-Worker-Allowed"] == "/"
    assert answer("photos:station_worker")["Content-Type"] == "text/javascript"


def test_every_file_kept_is_there_and_so_is_all_that_the_modules_import():
    files = {static_name(address) for address in kept() if address.startswith("/static/")}
    assert [name for name in files if not find(name)] == []
    for name in [each for each in files if each.endswith(".js")]:
        text = Path(find(name)).read_text(encoding="utf-8")
        folder = Path(name).parent
        for path in IMPORT.findall(text):
            target = (Path("/") / folder / path).resolve().relative_to("/")
            assert str(target) in files, f"{name} imports {path}"


def test_what_the_page_names_lies_among_what_is_kept():
    page = answer("photos:station").content.decode()
    named = set(re.findall(r'"(/static/[^"]+)"', page))
    assert named
    assert named <= set(kept())


def version() -> str:
    return re.search(r'VERSION = "(\w+)"', answer("photos:station_worker").content.decode())[1]


def test_the_version_is_another_one_when_a_sentence_is(monkeypatch):
    before = version()
    assert before == version()
    monkeypatch.setattr(shell, "station_words", lambda: {"advice": {}, "components": {}})
    assert version() != before


def test_the_version_is_another_one_when_a_file_is(monkeypatch, tmp_path):
    before = station_files.version_of([])
    changed = tmp_path / "app.js"
    changed.write_text("// another", encoding="utf-8")
    real = station_files.find
    monkeypatch.setattr(
        station_files, "find", lambda name: changed if name.endswith("app.js") else real(name)
    )
    station_files._digest_of_files.cache_clear()
    try:
        assert station_files.version_of([]) != before
    finally:
        station_files._digest_of_files.cache_clear()


@pytest.fixture
def collected(settings) -> Iterator[dict[str, str]]:
    """What `collectstatic` wrote down, but for one file that came with a newer program."""
    named = {name: f"{name}.0123456789ab" for name in station_files.station_files()}
    del named[NEWER]
    manifest = {"version": "1.1", "paths": named, "hash": ""}
    (settings.STATIC_ROOT / "staticfiles.json").write_text(json.dumps(manifest))
    hashed = {"BACKEND": "enrolment.staticfiles.HashedModules"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": hashed}
    forget()
    yield named
    forget()


def forget() -> None:
    station_files.station_files.cache_clear()
    station_files._digest_of_files.cache_clear()


def test_what_is_newer_than_the_collected_files_is_not_asked_for(collected):
    asked = {static_name(address) for address in kept() if address.startswith("/static/")}
    assert asked == set(collected.values())


def test_the_version_is_that_of_the_collected_files(collected, settings):
    before = station_files.version_of([])
    forget()
    assert station_files.version_of([]) == before
    staticfiles_storage.hashed_files["photos/station/app.js"] = "photos/station/app.other.js"
    forget()
    assert station_files.version_of([]) != before


def test_before_a_deployment_it_is_told_what_is_not_collected(collected):
    with pytest.raises(SystemCheckError, match=rf"such as {NEWER}[\s\S]*manage.py collectstatic"):
        call_command("check", "--deploy", "--tag", "staticfiles")
    staticfiles_storage.hashed_files[NEWER] = NEWER
    call_command("check", "--deploy", "--tag", "staticfiles")


def test_where_nothing_is_collected_by_hand_nothing_is_missing():
    assert station_files.not_collected() == []


def test_the_manifest_installs_the_station_with_icons_of_their_sizes():
    manifest = json.loads(answer("photos:station_manifest").content)
    assert manifest["start_url"] == manifest["scope"] == reverse("photos:station")
    assert manifest["display"] == "standalone"
    sizes = {}
    for icon in manifest["icons"]:
        path = Path(find(static_name(icon["src"])))
        if icon["type"] == "image/png":
            sizes[icon["sizes"]] = Image.open(BytesIO(path.read_bytes())).size
    assert sizes == {"192x192": (192, 192), "512x512": (512, 512)}


def test_what_the_guidance_waits_for_is_fetched_first():
    first = station_files.FIRST
    assert set(station_files.station_files()[: len(first)]) == set(first)
