"""What each check measures, in a line: the table of checks for people to read."""

from collections.abc import Callable

from photos.domain.checks import CHECKS, Check
from photos.domain.findings import Answer, Tier
from photos.domain.profile import Limit, Profile
from photos.evaluation.tables import Row, Table, cells_as_markdown

QUANTITIES = {
    "single face present": "area of the second largest face over that of the largest; "
    "no face at all fails",
    "inter-eye distance": "between the pupils in the photo, as if the face were not turned",
    "head size": "chin to crown on the card",
    "head position across": "middle of the eyes from the card's left edge",
    "head position down": "middle of the eyes from the card's upper edge",
    "leftward crop of the face image": "room in the photo outside the crop; negative is missing",
    "rightward crop of the face image": "likewise",
    "margin above of the face image": "likewise",
    "margin below of the face image": "likewise",
    "spatial sampling rate": "pixels of the photo for each of the card's",
    "head pose roll": "tilt in the photo",
    "head pose roll on the card": "tilt left after levelling, measured anew on the card",
    "head pose yaw": "turn to the side, from landmarks in space",
    "head pose pitch": "nod, from landmarks in space",
    "eyes open": "gap between the lids of the more closed eye; fails only if a second model's "
    "blink agrees, one alone warns",
    "frontal gaze": "angle between the line of sight and the camera, sideways",
    "mouth closed": "gap between the inner lips",
    "mouth occlusion prevention": "redness of the lips over that of the skin beside the nose",
    "expression neutrality": "strongest of smile, raised brows and pursed lips, 0 to 1",
    "eyes visible": "brightness around the darker eye over that of the cheek below",
    "glasses": "contrast of lines across the bridge of the nose and below both eyes",
    "glare prevention": "part of an eye's surroundings at or above 247/255 in linear luminance",
    "red-eye prevention": "part of the redder pupil that is red beyond the skin",
    "over-exposure prevention": "part of the face at or above 247/255 in linear luminance",
    "under-exposure prevention": "luminance of the sheen on the skin, or of the whites of the "
    "eyes if that is more",
    "dynamic range": "doublings of luminance from the face's 1st to its 99th percentile",
    "illumination uniformity": "luminance of the darker cheek over that of the lighter",
    "natural colour": "distance in a* and b* from the range that any skin has in white light",
    "background uniformity": "distance ΔE from the background's median colour that 2 % exceed",
    "background brightness": "median lightness of the background, 0 to 100",
    "background shadow": "difference in lightness between the background's halves",
    "colour balance": "chroma of a plain grey background",
    "sharpness": "gradient energy over that of the same picture blurred by 1.5 px, noise taken off",
    "compression artefacts": "steps at JPEG's block borders over those between",
    "image file": "size of the card's JPEG",
    "image file format": "how many of these do not hold: exact pixels, dpi, 4:4:4, no metadata",
}
HEAD = (
    *("Component", "On screen", "Quantity", "Unit"),
    *("Passes", "Warns", "Tier", "Limit from"),
)


def checks_table(profile: Profile, on_screen: Callable[[str], str]) -> str:
    """Return the table of all checks as Markdown, with the limits of a profile.

    `on_screen` gives what people call a component. KeyError for a check without its line here.
    """
    rows = tuple(_row(check, profile.limits[check.limit], on_screen) for check in CHECKS)
    return cells_as_markdown(Table("", HEAD, rows))


def warns(limit: Limit, tier: Tier) -> str:
    """Return what warns; empty where what doesn't pass fails at once."""
    if limit.gravest == Answer.PASS:
        return "never: only told"
    if tier == Tier.C or limit.gravest == Answer.WARN:
        return "all else"
    low = None if limit.warn_min == limit.pass_min else limit.warn_min
    high = None if limit.warn_max == limit.pass_max else limit.warn_max
    if low is not None and high is not None:
        return f"{low:g} – {high:g}"
    if low is not None:
        return f"≥ {low:g}"
    return "" if high is None else f"≤ {high:g}"


def _row(check: Check, limit: Limit, on_screen: Callable[[str], str]) -> Row:
    name = check.component
    what = (name, on_screen(name), QUANTITIES[name], check.unit)
    return (*what, str(limit), warns(limit, check.tier), check.tier, limit.source)
