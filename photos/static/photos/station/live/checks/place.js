// Where the head is in the picture and on the card, how large, and how many there are.

import { HEAD_IN_T, margins } from "../crop.js";
import { area, distance } from "../geometry.js";

const SIDES = [
  ["leftward crop of the face image", "room_left"],
  ["rightward crop of the face image", "room_right"],
  ["margin above of the face image", "room_above"],
  ["margin below of the face image", "room_below"],
];
const LEAST_COSINE = 0.1;

function otherFace({ faces: [face, other] }) {
  return other ? area(other.box) / area(face.box) : 0;
}

function interEyeDistance({ face, yaw }) {
  const turned = Math.max(Math.cos((yaw * Math.PI) / 180), LEAST_COSINE);
  return distance(...face.eyes) / turned;
}

function headSize({ onCard, card }) {
  return (HEAD_IN_T * onCard.eyeToChin) / card.height;
}

function sampling({ crop, profile }) {
  return crop.height / profile.card.height_px;
}

const eyesOnCard = (axis) => ({ onCard, size }) => onCard.eyeMiddle[axis] / size[axis];
const margin = (side) => ({ crop, picture }) => margins(crop, picture)[side];

export const PLACE = [
  { component: "single face present", limit: "other_face", measure: otherFace, high: "other_face" },
  {
    component: "inter-eye distance",
    limit: "inter_eye_distance",
    measure: interEyeDistance,
    low: "come_closer",
  },
  {
    component: "head size",
    limit: "head_size",
    measure: headSize,
    low: "head_small",
    high: "head_large",
  },
  {
    component: "head position across",
    limit: "eyes_across",
    measure: eyesOnCard(0),
    low: "centre_face",
    high: "centre_face",
  },
  {
    component: "head position down",
    limit: "eyes_down",
    measure: eyesOnCard(1),
    low: "centre_face",
    high: "centre_face",
  },
  ...SIDES.map(([component, low], side) => ({
    component,
    limit: "margin",
    measure: margin(side),
    low,
  })),
  {
    component: "spatial sampling rate",
    limit: "sampling",
    measure: sampling,
    low: "come_closer",
  },
];
