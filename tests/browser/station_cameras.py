"""A rack of made cameras for a page, and scripts that run beside the station's camera modules."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

MODULES = "/static/photos/station"
NAMES = ("camera_picker", "camera_watch", "burst", "encoder", "picture_file", "readiness_devices")
FRAME = """async (given) => {
  const imported = await Promise.all(given.names.map((it) => import(`${given.folder}/${it}.js`)));
  const { camera_picker: picker, camera_watch: watching, burst: bursts, encoder: encoders,
    picture_file: files, readiness_devices: devices,
  } = Object.fromEntries(given.names.map((name, at) => [name, imported[at]]));
  const until = async (holds) => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const told = (promise) => promise.then(() => null, ({ code, params }) => ({ code, params }));
  const video = document.querySelector("video") ?? document.createElement("video");
  document.body.append(video);
  %s
}"""
# A camera rack: each camera is a canvas that is painted on all the time, by its name.
RACK = """
  const rack = { plugged: new Map(), faults: {}, asked: [], tracks: [] };
  const plug = (label, size, paint) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = size;
    const brush = canvas.getContext("2d");
    const film = { canvas, at: 0, still: false };
    const draw = () => {
      if (film.still) return;
      brush.fillStyle = paint ?? `hsl(${(film.at += 7) % 360} 60% 50%)`;
      brush.fillRect(0, 0, canvas.width, canvas.height);
      brush.fillStyle = paint ?? "black";
      brush.fillRect(film.at % canvas.width, 0, 8, canvas.height);
    };
    setInterval(draw, 50);
    draw();
    rack.plugged.set(label, film);
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    return film;
  };
  const unplug = (label) => {
    rack.plugged.delete(label);
    for (const track of rack.tracks.filter((one) => one.label === label)) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  };
  Object.assign(window, { rack, plug, unplug });
  navigator.mediaDevices.enumerateDevices = async () => [...rack.plugged.keys()].map((label) => (
    { kind: "videoinput", label, deviceId: label }));
  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    const label = video.deviceId?.exact ?? rack.plugged.keys().next().value;
    rack.asked.push(label);
    if (rack.faults[label]) throw new DOMException("", rack.faults[label]);
    if (!rack.plugged.has(label)) throw new DOMException("", "NotFoundError");
    const stream = rack.plugged.get(label).canvas.captureStream(20);
    const [track] = stream.getVideoTracks();
    Object.defineProperty(track, "label", { value: label });
    rack.tracks.push(track);
    return stream;
  };
"""

Run = Callable[..., Any]


def runner(page: Page) -> Run:
    """Return what runs a script with the modules, `given`, a video, `until` and `told` at hand."""

    def run(script: str, **given: Any) -> Any:
        facts = {"names": NAMES, "folder": MODULES, **given}
        return page.evaluate(FRAME % script, facts)

    return run
