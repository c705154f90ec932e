// The verdict on a still: the card is cut out and measured as the server does it.

import { checkNobody, checkSubject } from "./checks.js";
import { cardCrop, smallestCrop } from "./crop.js";
import { decide } from "./decide.js";
import { frameOfFace } from "./face.js";
import { Picture } from "./picture.js";
import { yawAndPitch } from "./pose.js";
import { Silhouette } from "./silhouette.js";
import { firstSide, readStill } from "./still.js";
import { Subject } from "./subject.js";

export async function judge(bitmap, finder, profile) {
  const [picture, faces] = await seen(bitmap, finder, profile);
  if (!faces.length) return verdict(checkNobody(profile), null);
  const subject = await subjectOf(picture, faces, finder, profile);
  return verdict(checkSubject(subject, profile), subject);
}

// Finer than the card needs only when its crop is a small part of the still.
async function seen(bitmap, finder, profile) {
  const picture = await readStill(bitmap, firstSide(profile));
  const faces = await finder.find(picture);
  const height = profile.card.height_px;
  const smallest = faces.length ? smallestCrop(faces[0], profile) : Infinity;
  if (picture.scale === 1 || smallest * picture.scale >= height) return [picture, faces];
  const longest = Math.max(picture.width, picture.height);
  const finer = await readStill(bitmap, Math.ceil((longest * height) / smallest));
  return [finer, await finder.find(finer)];
}

// Hair seldom moves the crop, so the card is cut out while the silhouette is looked for.
async function subjectOf(picture, faces, finder, profile) {
  const [face] = faces;
  const size = [profile.card.width_px, profile.card.height_px];
  const expected = cardCrop(face, picture, profile);
  const seeing = [Silhouette.of(picture, expected, finder), finder.blendshapes(face)];
  const early = await cutOut(picture, face, expected, size, finder);
  const [silhouette, blendshapes] = await Promise.all(seeing);
  const crop = cardCrop(face, picture, profile, silhouette.chinToCrown(face));
  const cut = isSame(crop, expected) ? early : await cutOut(picture, face, crop, size, finder);
  const parts = { picture, faces, crop, ...cut, silhouette, blendshapes, profile };
  return new Subject({ ...parts, ...yawAndPitch(face) });
}

async function cutOut(picture, face, crop, size, finder) {
  const card = picture.view(crop, size, true);
  return { card, onCard: await lookAtCard(card, face, crop, finder) };
}

function isSame(one, other) {
  return Object.keys(one).every((key) => one[key] === other[key]);
}

// Finds the landmarks on the card itself, so that what it shows is measured, not assumed.
function lookAtCard(card, face, crop, finder) {
  const size = [card.width, card.height];
  const expected = face.moved((place) => crop.fromPicture(place, size));
  const picture = new Picture(card, card.width, card.height);
  return finder.look(picture, frameOfFace(expected), face.score);
}

function verdict(findings, subject) {
  const valueOf = (component) => findings.find((each) => each.component === component).value;
  return {
    ...decide(findings),
    findings: findings.map(({ component, answer, value, advice }) => ({
      component,
      answer,
      value,
      advice,
    })),
    eyes_open: valueOf("eyes open"),
    sharpness: valueOf("sharpness"),
    ...place(subject),
  };
}

function place(subject) {
  if (!subject) return { face: null, others: 0, crop: null, landmarks: null };
  const { face, faces, crop } = subject;
  const { x, y, width, height, angle } = crop;
  return {
    face: { eyes: face.eyes, roll: face.roll, box: face.box },
    others: faces.length - 1,
    crop: { x, y, width, height, angle },
    landmarks: face.points,
  };
}
