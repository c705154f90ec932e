"""What to tell people: a sentence for each advice code, names for components and units."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    # Findings of photos.domain.checks
    "no_face": _("Place the person in front of the camera. No face was found."),
    "other_face": _("Ask others to step aside. Another face is visible."),
    "come_closer": _("Go closer. The face has too few pixels."),
    "head_small": _("Go closer. The head is too small in the picture."),
    "head_large": _("Step back. The head is too large in the picture."),
    "centre_face": _("Put the face in the middle of the picture."),
    "step_back": _("Step back. There is too little room around the head."),
    "room_left": _("Leave more room at the left of the picture, or step back."),
    "room_right": _("Leave more room at the right of the picture, or step back."),
    "room_above": _("Leave more room above the head, or step back."),
    "room_below": _("Leave more room below the chin, or step back."),
    "straighten_head": _("Ask the person to hold the head straight."),
    "face_camera": _("Ask the person to turn the face towards the camera."),
    "lower_chin": _("Ask the person to lower the chin a little."),
    "raise_chin": _("Ask the person to raise the chin a little."),
    "open_eyes": _("Ask the person to open the eyes and look into the camera."),
    "look_at_camera": _("Ask the person to look into the camera."),
    "close_mouth": _("Ask the person to close the mouth."),
    "uncover_mouth": _("Ask the person to show the mouth. Something hides it."),
    "relax_face": _("Ask the person to relax the face."),
    "show_eyes": _("Ask the person to take off dark glasses. The eyes cannot be seen."),
    "take_off_glasses": _("Ask the person to take off the glasses."),
    "avoid_glare": _("Tilt the glasses or move the light. There is glare in front of the eyes."),
    "no_flash": _("Take the picture without flash. The pupils are red."),
    "less_light": _("Dim or move the light. Parts of the face are burnt out."),
    "more_light": _("Turn on more light on the face."),
    "flat_light": _("Light the face better. The picture has too few shades."),
    "even_light": _("Light both halves of the face alike."),
    "natural_colour": _("Take the picture in colour and in white light."),
    "plain_background": _("Use a plain background. Something is visible behind the person."),
    "light_background": _("Use a light background, or put more light on it."),
    "no_shadow": _("Move the person away from the wall. A shadow is visible."),
    "white_balance": _("Set the camera's white balance to the light in the room."),
    "focus": _("Hold the camera still and focus on the eyes."),
    "less_compression": _("Save with higher quality in the camera. The picture is too compressed."),
    "smaller_file": _("The card picture is too large a file. Contact support."),
    "wrong_file": _("The card picture is the wrong kind of file. Contact support."),
    # Hints of the capture station while it looks
    "darker_left": _("It is too dark at the left. Turn on a light there."),
    "darker_right": _("It is too dark at the right. Turn on a light there."),
    # Refusals of photos.domain.intake and photos.worker
    "unreadable": _("The file cannot be opened. Check its name and place."),
    "empty": _("The file is empty. Choose the picture again."),
    "too_large": _("The picture is larger than %(limit_mb)s MB. Choose a smaller one."),
    "not_a_picture": _("The file is not a picture. Choose a JPEG, PNG or HEIC."),
    "wrong_format": _("The file is of the kind %(format)s. Save the picture as JPEG or PNG."),
    "trailing_bytes": _("Something else is hidden in the file. Save the picture as a new JPEG."),
    "broken": _("The file is damaged. Take the picture again or choose the original."),
    "too_many_pixels": _("The picture has more than %(limit_mp)s million pixels. Make it smaller."),
    "too_many_scans": _("The picture is stored in too many passes. Save it as a new JPEG."),
    "animated": _("The picture moves. Choose a still picture."),
    "swamped": _("The machine is busy with too much. Try again."),
    "too_slow": _("The picture took more than %(seconds)s seconds to read. Save it as a new JPEG."),
    "too_heavy": _("The picture needs too much memory. Make it smaller and send it again."),
    "crashed": _("The picture could not be read. Save it as a new JPEG and send it again."),
    # Faults of photos.weights and photos.worker
    "cannot_start": _("Read the log. The process that judges pictures could not start."),
    "weight_missing": _(
        "The model file %(name)s is missing in %(folder)s. Run: python manage.py fetch_models"
    ),
    "weight_changed": _(
        "The model file %(name)s in %(folder)s is not the right one. "
        "Run: python manage.py fetch_models"
    ),
}

COMPONENTS: dict[str, Promise] = {
    "single face present": _("Single face"),
    "inter-eye distance": _("Distance between the eyes"),
    "head size": _("Size of the head"),
    "head position across": _("Head position sideways"),
    "head position down": _("Head position in height"),
    "leftward crop of the face image": _("Room at the left"),
    "rightward crop of the face image": _("Room at the right"),
    "margin above of the face image": _("Room above the head"),
    "margin below of the face image": _("Room below the chin"),
    "head pose roll": _("Tilt of the head"),
    "head pose roll on the card": _("Tilt on the card"),
    "head pose yaw": _("Head turned sideways"),
    "head pose pitch": _("Head turned up or down"),
    "eyes open": _("Open eyes"),
    "frontal gaze": _("Looks into the camera"),
    "mouth closed": _("Closed mouth"),
    "mouth occlusion prevention": _("Mouth visible"),
    "expression neutrality": _("Neutral expression"),
    "eyes visible": _("Eyes visible"),
    "glasses": _("Glasses"),
    "glare prevention": _("No glare in front of the eyes"),
    "red-eye prevention": _("No red eyes"),
    "over-exposure prevention": _("Not too bright"),
    "under-exposure prevention": _("Not too dark"),
    "dynamic range": _("Shades in the face"),
    "illumination uniformity": _("Light on both halves of the face"),
    "natural colour": _("Colour of the skin"),
    "background uniformity": _("Plain background"),
    "background brightness": _("Light background"),
    "background shadow": _("Shadow on the background"),
    "colour balance": _("Colour of the light"),
    "sharpness": _("Sharpness"),
    "spatial sampling rate": _("Real resolution"),
    "compression artefacts": _("Compression"),
    "image file": _("The card's file"),
    "image file format": _("Form of the card's file"),
}


UNITS: dict[str, Promise] = {
    "share of the face's area": _("of the face's area"),
    "px": _("pixels"),
    "share of the height": _("of the height"),
    "share of the width": _("of the width"),
    "°": _("degrees"),
    "eye-to-chin distance": _("of the distance from eyes to chin"),
    "share of the movement": _("of the full movement"),
    "share of the eye area": _("of the area around the eye"),
    "share of the pupil": _("of the pupil"),
    "share of the face": _("of the face"),
    "luminance": _("of full brightness"),
    "stops": _("stops"),
    "CIELAB": _("CIELAB units"),
    "L*": _("L*, of 100"),
    "ratio": _("times"),
    "source px per card px": _("pixels per pixel of the card"),
    "kB": _("kB"),
    "deviations": _("deviations"),
}


def sentence(code: str, params: Mapping[str, float | int | str] | None = None) -> str:
    """Return what to do, in the language of the moment; KeyError for an unknown code."""
    return str(SENTENCES[code]) % (params or {})


def component_name(component: str) -> str:
    """Return what people call a quality component; KeyError for an unknown one."""
    return str(COMPONENTS[component])


def unit_name(unit: str) -> str:
    """Return what follows a value in a sentence; KeyError for an unknown unit."""
    return str(UNITS[unit])
