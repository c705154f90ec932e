"""What the tests of the live guidance share: where its files are, and the profile it gets."""

from typing import Any

from django.conf import settings

from photos.domain import face
from photos.profiles import load_profile

CARD = ("width_px", "height_px", "dpi", "head_height", "eye_line")
MODELS = {
    "near": face.DETECTOR_NEAR,
    "back": face.DETECTOR_BACK,
    "full": face.DETECTOR_FULL,
    "landmarks": face.LANDMARKS,
    "iris": face.IRIS,
    "blendshapes": face.BLENDSHAPES,
    "person": face.PERSON,
}

# Starts the guidance as the page's `live`; gives what it starts as.
START = """async ({ module, files }) => {
  const { startLive } = await import(module);
  window.live = startLive(files);
  return window.live.ready;
}"""

# What is asked of it about pictures, by their addresses; each is fetched once.
ASK = """async ({ task, urls }) => {
  const bitmaps = {};
  for (const url of new Set(urls)) {
    bitmaps[url] = await createImageBitmap(await (await fetch(url)).blob());
  }
  const answers = [];
  for (const url of urls) {
    const answer = await window.live[task](await createImageBitmap(bitmaps[url]));
    answers.push({ ...answer, landmarks: answer.landmarks && [...answer.landmarks] });
  }
  return answers;
}"""


def profile_json() -> dict[str, Any]:
    """The profile as a visit's package brings it."""
    profile = load_profile()
    return {
        "key": profile.key,
        "title": profile.title,
        "card": {name: getattr(profile.card, name) for name in CARD},
        "limits": {
            name: dict(
                zip(("pass_min", "pass_max", "warn_min", "warn_max"), limit.bounds, strict=True)
            )
            | {"gravest": limit.gravest}
            for name, limit in profile.limits.items()
        },
    }


def files(**changed: Any) -> dict[str, Any]:
    """What `startLive` gets."""
    return {
        "workerUrl": address("photos/station/live/live_worker.js"),
        "wasmUrl": address("litert/core/litert.wasm"),
        "models": {part: address(f"models/{name}") for part, name in MODELS.items()},
        "profile": profile_json(),
    } | changed


def address(name: str) -> str:
    """Return where a static file is while no names carry a hash."""
    return f"{settings.STATIC_URL}{name}"


def module(name: str) -> str:
    return address(f"photos/station/{name}.js")
