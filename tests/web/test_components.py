"""The parts every page is made of: what they say, to eyes and to screen readers."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.conf import settings as house
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from booking.domain.states import BookingStatus, IdDocument, VisitKind, VisitStatus
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.desk import words
from enrolment.desk.management.commands.fetch_assets import ICONS
from enrolment.desk.templatetags import house as tags
from enrolment.people.domain.stages import CHAIN, Reason, Stage, Urgency
from photos.models import Decision, Photo

ROOT = Path(house.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
THEME = ROOT / "enrolment" / "static" / "theme" / "fotorundan.css"


def render(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


def page(source: str = '{% extends "base.html" %}', **context) -> str:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return engines["django"].from_string(source).render(context, request)


class Example(forms.Form):
    name = forms.CharField(label="Namn", help_text="Som i folkbokföringen.")
    day = forms.DateField(label="Dag", required=False)
    document = forms.ChoiceField(
        label="Id-handling", widget=forms.RadioSelect, choices=[("a", "Pass"), ("b", "Körkort")]
    )
    seen = forms.BooleanField(label="Jag har sett den", help_text="Fysiskt.")

    def clean(self) -> None:
        raise forms.ValidationError("Någon annan hann före.")


# --- Icons ----------------------------------------------------------------------------------------


def test_an_icon_is_silent_unless_it_is_given_a_label() -> None:
    assert 'aria-hidden="true"' in tags.icon("camera")
    spoken = tags.icon("camera", "Har <bild>")
    assert 'role="img"' in spoken
    assert 'aria-label="Har &lt;bild&gt;"' in spoken
    assert "aria-hidden" not in spoken


def test_an_icon_nobody_fetched_says_where_to_name_it() -> None:
    with pytest.raises(tags.UnknownIcon, match="fetch_assets"):
        tags.icon("no-such-icon")


def test_every_icon_in_use_is_fetched() -> None:
    in_templates = {
        name
        for path in TEMPLATES
        for name in re.findall(r'{% icon "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    in_words = {shown.icon for kind in words.STATUSES.values() for shown in kind.values()}
    in_notices = {name for _, name in tags.NOTICES.values()}
    assert in_templates
    assert in_templates | in_words | in_notices <= set(ICONS)


# --- Words and tags -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("stage", Stage),
        ("booking", BookingStatus),
        ("visit", VisitStatus),
        ("order", OrderStatus),
        ("batch", BatchStatus),
        ("photo", Photo.Status),
        ("urgency", Urgency),
        ("need_reason", Reason),
        ("visit_kind", VisitKind),
        ("id_document", IdDocument),
        ("reject_reason", Decision.Reason),
    ],
)
def test_every_coded_value_has_a_word(kind: str, values) -> None:
    shown = [str(words.word(kind, value)) for value in values]
    assert all(shown)
    assert len(set(shown)) == len(shown)


def test_a_tag_shows_icon_word_and_colour_and_refuses_an_unknown_value() -> None:
    html = render('{% status_tag "verdict" "fail" %}')
    assert "<svg" in html
    assert str(words.word("verdict", "fail")) in html
    assert "tag-bad" in html
    with pytest.raises(KeyError):
        render('{% status_tag "verdict" "perhaps" %}')


@pytest.mark.parametrize("stage", list(Stage))
def test_the_chain_marks_one_place_and_everything_before_it_as_done(stage: Stage) -> None:
    html = render("{% stage_chain stage %}", stage=stage)
    states = re.findall(r'<li class="chain-(\w*)"', html)
    assert len(states) == len(CHAIN)
    here = CHAIN.index(tags.SIDE_STATES.get(stage, stage))
    mark = "aside" if stage in tags.SIDE_STATES else "now"
    assert states == ["done"] * here + [mark] + [""] * (len(CHAIN) - here - 1)
    current = re.search(r'aria-current="step">([^<]+)', html)
    assert current
    assert current[1] == str(words.word("stage", stage))


def test_the_thin_line_says_the_stage_in_words() -> None:
    html = render('{% stage_line "retake" %}')
    assert html.endswith(f"{words.word('stage', 'retake')}</span>\n")
    assert html.count("<circle") == len(CHAIN)
    assert html.count("chain-mini-aside") == 1


# --- Time -----------------------------------------------------------------------------------------


def test_times_are_local_and_written_the_swedish_way() -> None:
    moment = datetime(2031, 5, 13, 8, 5, tzinfo=UTC)
    assert tags.local_time(moment) == "tisdag 13 maj 2031 kl. 10.05"
    assert tags.clock(moment) == "10.05"
    assert tags.clock(datetime(2031, 1, 14, 8, 5, tzinfo=UTC)) == "09.05"


def test_the_day_is_the_local_day_after_midnight() -> None:
    assert tags.local_date(datetime(2031, 5, 13, 22, 30, tzinfo=UTC)) == "onsdag 14 maj 2031"


def test_this_year_needs_no_year() -> None:
    year = timezone.localdate().year
    assert tags.local_date(date(year, 5, 12)).endswith(" 12 maj")
    assert tags.local_date(date(year + 1, 5, 12)).endswith(f" 12 maj {year + 1}")


# --- Forms ----------------------------------------------------------------------------------------


def test_a_field_is_tied_to_its_label_hint_and_error() -> None:
    html = str(Example({"name": ""}))
    assert '<label class="field-label" for="id_name">Namn</label>' in html
    control = re.search(r'<input[^>]*name="name"[^>]*>', html)
    assert control
    assert 'aria-invalid="true"' in control[0]
    told = re.search(r'aria-describedby="([^"]+)"', control[0])
    assert told
    assert told[1].split() == ["id_name_helptext", "id_name_error"]
    for name in told[1].split():
        assert f'id="{name}"' in html


def test_an_unbound_field_is_not_called_wrong() -> None:
    html = str(Example())
    assert "aria-invalid" not in html
    assert "field-wrong" not in html


def test_only_what_is_optional_is_marked() -> None:
    html = str(Example())
    assert html.count("field-optional") == 1
    assert re.search(r'for="id_day">Dag <span class="field-optional"', html)


def test_choices_have_a_legend_and_a_tick_box_stands_before_its_words() -> None:
    html = str(Example())
    assert "<legend>Id-handling</legend>" in html
    assert html.index('name="seen"') < html.index("Jag har sett den")


def test_the_error_summary_leads_to_each_field() -> None:
    form = Example({"name": "", "seen": ""})
    html = page(form=form)
    assert "Namn: " in html
    assert "Någon annan hann före." in html
    start = html.index("error-summary")
    summary = html[start : html.index("</section>", start)]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_document_0", "id_seen"]
    fields = str(form)
    assert all(f'id="{target}"' in fields for target in targets)


@pytest.mark.parametrize("form", [None, Example()])
def test_without_errors_there_is_no_summary(form: Example | None) -> None:
    assert "error-summary" not in page(form=form)


# --- The frame ------------------------------------------------------------------------------------


def test_a_page_has_one_heading_one_live_region_and_a_skip_link() -> None:
    html = page('{% extends "base.html" %}{% block heading %}7 behöver kort{% endblock %}')
    assert '<html lang="sv">' in html
    assert html.count("<h1") == 1
    assert html.count('role="status"') == 1
    assert "aria-live" not in html
    assert 'href="#content"' in html
    assert 'id="content"' in html


def test_the_demo_band_shows_only_in_the_demo() -> None:
    assert "demo-band" in page(demo=True)
    assert "demo-band" not in page(demo=False)


def test_the_menu_is_for_those_who_are_logged_in() -> None:
    source = '{% include "components/menu_items.html" %}'
    places = [{"url": "/a", "label": "A", "current": True}, {"url": "/b", "label": "B"}]
    assert render(source, navigation=places).count('aria-current="page"') == 1
    assert 'class="menu"' not in page(navigation=places)


def test_pagination_says_where_you_are() -> None:
    source = '{% include "components/pagination.html" %}'
    middle = page(source, page=Paginator(range(240), 25).page(2))
    assert "26–50" in middle
    assert 'href="?page=3"' in middle
    assert 'href="?page=1"' in middle
    assert "<nav" not in page(source, page=Paginator(range(3), 25).page(1))


@pytest.mark.parametrize("name", ["400.html", "500.html", "403_csrf.html"])
def test_a_page_about_our_own_fault_needs_no_request(name: str) -> None:
    html = render_to_string(name)
    assert html.count("<h1") == 1
    assert 'href="/"' in html


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_style_or_script_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


# --- The theme ------------------------------------------------------------------------------------

# Ink and the grounds it is written on.
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("canvas", "paper", "raised")),
    *(
        (ink, ground)
        for ink in ("teal", "teal-deep")
        for ground in ("canvas", "paper", "teal-pale")
    ),
    *((ink, ground) for ink in ("amber", "green", "red") for ground in ("paper", f"{ink}-pale")),
    *(("ink", f"{tone}-pale") for tone in ("teal", "amber", "green", "red")),
    ("on-teal", "teal"),
    ("on-teal", "teal-deep"),
    ("ink-soft", "teal-pale"),
]


def _luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_ink_can_be_read_on_its_ground(ink: str, ground: str, night: bool) -> None:
    colours = {
        name: (by_day, by_night)[night]
        for name, by_day, by_night in re.findall(
            r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", THEME.read_text(encoding="utf-8")
        )
    }
    assert _contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_borders_of_controls_can_be_seen(night: bool) -> None:
    text = THEME.read_text(encoding="utf-8")
    found = dict(re.findall(r"--(line-strong|paper): light-dark\((#\w{6}, #\w{6})\)", text))
    line, paper = (found[name].split(", ")[night] for name in ("line-strong", "paper"))
    assert _contrast(line, paper) >= 3
