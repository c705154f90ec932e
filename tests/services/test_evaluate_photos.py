"""Measuring on a folder of annotated photos: the figures, the pages, and what can't be used."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from photos.evaluation.annotations import COLUMNS
from tests import portraits

PHOTOS = {
    "good 1.jpg": ("single", 1, "yes", "open", "C"),
    "good 2.jpg": ("single", 1, "yes", "open", "C"),
    "mouth.jpg": ("single", 1, "yes", "open", "O"),
    "eyes.jpg": ("single", 1, "near", "closed", "C"),
    "two.jpg": ("group", 2, "", "", ""),
    "nobody.jpg": ("none", 0, "", "", ""),
    "webp.jpg": ("single", 1, "yes", "open", "C"),
}


def row(name: str, **changes: str) -> str:
    kind, faces, frontal, eyes, mouth = PHOTOS.get(name, ("single", 1, "yes", "open", "C"))
    cells = dict.fromkeys(COLUMNS, "") | {
        **{"file": name, "class": kind, "faces": str(faces)},
        **{"frontal": frontal, "eyes": eyes, "mouth": mouth},
    }
    if name == "good 1.jpg":
        judgement = portraits.judged(portraits.good(1))
        (left, top), (right, bottom) = judgement.eye_left, judgement.eye_right
        cells |= {"eyeL_x": f"{left}", "eyeL_y": f"{top}", "eyeR_x": f"{right}"}
        cells |= {"eyeR_y": f"{bottom}"}
    return "\t".join((cells | changes).values())


def annotate(folder: Path, *rows: str, columns: tuple[str, ...] = COLUMNS) -> None:
    (folder / "annotations.tsv").write_text("\n".join(["\t".join(columns), *rows]) + "\n")


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "good 1.jpg").write_bytes(portraits.good(1))
    (folder / "good 2.jpg").write_bytes(portraits.good(2))
    (folder / "mouth.jpg").write_bytes(portraits.bad("mouth_open"))
    (folder / "eyes.jpg").write_bytes(portraits.bad("eyes_closed"))
    (folder / "two.jpg").write_bytes(portraits.bad("two_faces"))
    (folder / "nobody.jpg").write_bytes(portraits.bad("no_face"))
    webp = portraits.saved(portraits.image(portraits.good(3)), "WEBP", {"quality": 95})
    (folder / "webp.jpg").write_bytes(webp)
    return folder


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    copied = shutil.copytree(photos, tmp_path / "photos")
    annotate(copied, *map(row, PHOTOS))
    return copied


def evaluated(folder: Path, *options: str, command: str = "evaluate_photos") -> str:
    out = StringIO()
    call_command(command, folder, "--processes=1", *options, stdout=out)
    return out.getvalue()


def figures(folder: Path, *options: str) -> dict:
    to = folder / "figures.json"
    evaluated(folder, f"--json={to}", *options)
    return json.loads(to.read_text())


def trial(told: dict, component: str, fault: str) -> dict:
    (found,) = [t for t in told["trials"] if (t["component"], t["fault"]) == (component, fault)]
    return found


def test_what_people_saw_is_compared_with_what_was_measured(folder: Path):
    told = figures(folder, "--as-they-are")
    mouth = trial(told, "mouth closed", "open, or smiling with teeth")
    assert mouth["auc"]["all"] == {"auc": 1.0, "low": 1.0, "high": 1.0, "good": 4, "bad": 1}
    assert (mouth["good"]["fail"], mouth["bad"]) == (0, {**mouth["good"], "pass": 0, "fail": 1})
    eyes = trial(told, "eyes open", "closed or winking")
    assert (eyes["auc"]["all"]["auc"], eyes["bad"]["fail"], eyes["good"]["pass"]) == (1.0, 1, 4)
    people = trial(told, "single face present", "several people")
    assert (people["auc"]["all"]["auc"], people["bad"]["fail"]) == (1.0, 1)
    assert not [t for t in told["trials"] if not t["annotated"]]


def test_a_wrong_annotation_is_told_as_a_mistake(folder: Path):
    others = (row(name) for name in PHOTOS if name != "mouth.jpg")
    annotate(folder, *others, row("mouth.jpg", mouth="C"))
    told = figures(folder, "--as-they-are")
    mouth = trial(told, "mouth closed", "open, or smiling with teeth")
    assert (mouth["good"]["fail"], mouth["auc"]["all"]) == (1, None)


def test_faces_eyes_and_crops_are_counted(folder: Path):
    told = figures(folder, "--as-they-are")
    kinds = {line["kind"]: line for line in told["found"]}
    assert (kinds["single"]["seen"], kinds["single"]["pictures"]) == (5, 5)
    assert (kinds["group"]["faces_found"], kinds["group"]["faces"]) == (2, 2)
    assert (kinds["none"]["seen"], kinds["none"]["beyond"]) == (0, 0)
    assert told["eye_error_percent"]["count"] == 2
    assert told["eye_error_percent"]["largest"] == pytest.approx(0, abs=0.01)
    assert told["roll_error_degrees"]["largest"] == pytest.approx(0, abs=0.01)
    assert (told["crops"]["portraits"], told["crops"]["with_room"]) == (4, 4)
    assert told["crops"]["head_within"] == 1.0
    assert told["milliseconds"]["count"] == 6


def test_eyes_marked_elsewhere_are_an_error_of_that_size(folder: Path):
    marked = row("good 1.jpg").split("\t")
    left, right = float(marked[-4]), float(marked[-2])
    marked[-4] = str(left - 0.1 * (right - left))
    annotate(folder, "\t".join(marked))
    told = figures(folder, "--as-they-are")
    assert told["eye_error_percent"]["largest"] == pytest.approx(100 * 0.1 / 1.1, abs=0.1)


def test_faults_are_made_on_portraits_and_compared_with_none(folder: Path):
    annotate(folder, row("good 1.jpg"), row("nobody.jpg"))
    told = figures(folder, f"--out={folder / 'out'}")
    blurred = trial(told, "sharpness", "blurred by 2.0 card px")
    assert (blurred["auc"]["all"]["auc"], blurred["good"]["pass"], blurred["bad"]["fail"]) == (
        *(1.0, 1, 1),
    )
    files = {reading["file"] for reading in told["readings"] if reading["made"]}
    assert files == {"good 1.jpg"}
    with Image.open(folder / "out" / "worst-cases.png") as sheet:
        assert sheet.width >= 600


def test_the_worst_cases_are_drawn(folder: Path):
    annotate(folder, row("good 1.jpg"), row("mouth.jpg", mouth="C"))
    evaluated(folder, "--as-they-are", f"--out={folder / 'out'}")
    with Image.open(folder / "out" / "worst-cases.png") as sheet:
        first, second = (sheet.crop((left, 0, left + 220, 220)) for left in (0, 220))
    assert len(set(first.get_flattened_data())) > 1000
    assert set(second.get_flattened_data()) == {(255, 255, 255)}


def test_a_file_that_intake_refuses_is_listed_and_measured(folder: Path):
    told = figures(folder, "--as-they-are")
    assert told["refused"] == {"webp.jpg": "wrong_format"}
    assert "webp.jpg" in [reading["file"] for reading in told["readings"]]
    text = evaluated(folder, "--as-they-are")
    assert "webp.jpg  wrong_format  measured as PNG" in text
    assert "1 of 7 files are refused at intake as they are." in text


def test_a_page_names_no_file(folder: Path):
    annotate(folder, row("webp.jpg"))
    assert "webp.jpg" not in evaluated(folder, "--as-they-are", "--markdown")


def test_the_figures_are_the_same_in_any_number_of_processes(folder: Path):
    annotate(folder, *map(row, list(PHOTOS)[2:]))
    alone, many = folder / "alone.json", folder / "many.json"
    call_command("evaluate_photos", folder, "--as-they-are", "--processes=1", json=alone)
    call_command("evaluate_photos", folder, "--as-they-are", "--processes=2", json=many)
    one, other = (json.loads(path.read_text()) for path in (alone, many))
    assert one.pop("milliseconds") != other.pop("milliseconds")
    assert one == other


def test_the_page_gets_the_tables_that_are_printed(folder: Path):
    page = folder / "page.md"
    page.write_text(
        "# Ours\n<!-- figures: evaluate_photos -->\nold\n<!-- end of figures -->\nEnd\n"
    )
    told = evaluated(folder, "--as-they-are", "--markdown", f"--page={page}")
    text = page.read_text()
    assert text.startswith("# Ours\n<!-- figures: evaluate_photos -->\n\nMade 2")
    assert text.endswith("\n<!-- end of figures -->\nEnd\n")
    assert "old" not in text
    assert told.strip() in text
    assert "\n| mouth closed | open, or smiling with teeth | people | A |" in text


def test_a_page_without_a_place_for_them_is_refused(folder: Path):
    page = folder / "page.md"
    page.write_text("# Ours\n")
    with pytest.raises(CommandError, match="ingen plats för siffrorna från evaluate_photos"):
        evaluated(folder, "--as-they-are", f"--page={page}")


def test_a_row_that_cannot_be_used_is_named_and_the_rest_is_measured(folder: Path):
    (folder / "text.jpg").write_text("no picture")
    annotate(
        folder,
        *(row("good 1.jpg"), row("good 2.jpg", faces="one"), row("gone.jpg")),
        *(row("text.jpg"), row("mouth.jpg")),
    )
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("evaluate_photos", folder, "--as-they-are", "--processes=1", stdout=out)
    assert str(error.value).splitlines() == [
        "3 rader gick inte att använda:",
        "annotations.tsv, line 3 (good 2.jpg): faces is 'one', not a whole number",
        "gone.jpg: unreadable",
        "text.jpg: not_a_picture",
    ]
    assert "portraits  2 of 2" in out.getvalue()


def test_a_folder_without_a_table_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match=r"finns ingen läsbar annotations\.tsv"):
        evaluated(tmp_path)


def test_a_table_without_a_column_is_refused(folder: Path):
    annotate(folder, columns=COLUMNS[:-1])
    with pytest.raises(CommandError, match="has no column eyeR_y"):
        evaluated(folder)


def test_a_table_in_another_encoding_is_refused(folder: Path):
    (folder / "annotations.tsv").write_bytes("fil\tögon".encode("latin-1"))
    with pytest.raises(CommandError, match="är inte UTF-8"):
        evaluated(folder)


def test_missing_models_are_told(folder: Path, settings, tmp_path: Path):
    settings.FOTORUNDAN_MODELS = tmp_path
    with pytest.raises(CommandError, match="fetch_models"):
        evaluated(folder)


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_a_wrong_number_of_processes_is_refused(number, folder: Path):
    with pytest.raises(CommandError, match="inte ett positivt heltal"):
        call_command("evaluate_photos", folder, f"--processes={number}")


@pytest.fixture(scope="module")
def tones(photos: Path) -> str:
    annotate(photos, row("good 1.jpg"), row("nobody.jpg"), row("eyes.jpg", frontal="no"))
    return evaluated(photos, "--markdown", command="evaluate_skin_tone")


def table(told: str, title: str) -> dict[str, list[str]]:
    part = told.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in rows[1:]}


def test_samples_are_told_by_their_tone(tones: str):
    cells = table(tones, "Samples by skin tone")["under-exposure prevention"]
    assert sorted(cells)[-5:] == ["–"] * 5
    assert sorted(cells)[0].startswith("0 of 1; ")


def test_what_a_tone_moves_is_measured(tones: str):
    assert "\n1 portraits, the skin of the face given each tone" in tones
    moved = table(tones, "The same portraits in every tone")
    assert float(moved["under-exposure prevention"][-2]) > 0
    assert float(moved["head pose roll"][-2]) < 0.5
    exposure = [float(cell) for cell in moved["under-exposure prevention"][1:10]]
    assert exposure[0] > exposure[-1]


def test_no_tone_of_a_well_lit_good_take_is_failed(tones: str):
    changed = tones.partition("## Answers that a tone changes")[2]
    assert "Of 1 portraits" in changed
    assert "| fail |" not in changed


def test_the_portrait_is_tried_in_every_tone_and_light(tones: str):
    told = table(tones, "One portrait in every tone and light")
    assert list(told) == [
        *("its own", "60", "45", "30", "15", "0", "−15", "−30", "−45", "−60"),
    ]
    assert {len(cells) for cells in told.values()} == {3}
    assert told["its own"][1] == "nothing"


def test_skin_tones_need_no_samples():
    out = StringIO()
    call_command("evaluate_skin_tone", "--processes=1", stdout=out)
    assert "ONE PORTRAIT IN EVERY TONE AND LIGHT" in out.getvalue()
    assert "SAMPLES" not in out.getvalue()
