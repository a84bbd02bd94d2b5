import { expect, it } from "vitest";

import type { FaceSeen } from "@/client/types.gen";
import { ApiError } from "@/lib/errors";

import { refusalOf } from "./refusal";

const FACE: FaceSeen = {
  box: [0, 0, 9, 9],
  quality: 1,
  eye_distance: 80,
  sharpness: 1,
  frontality: 1,
  exposure: 1,
  visible: 1,
  bystander: false,
};

it("tells what was measured of a face that is not good enough", () => {
  const faces = [{ ...FACE, quality: 0.2, eye_distance: 14, sharpness: 0.1, frontality: 0.9, exposure: 0.8 }];
  const refusal = refusalOf(new ApiError({ code: "low_quality", faces }, 422));
  expect(refusal.measured).toEqual({ quality: 0.2, eye_distance: 14, sharpness: 0.1, frontality: 0.9, exposure: 0.8 });
});

it("tells whom a picture resembles", () => {
  const resembles = { subject_id: "one", similarity: 0.71 };
  const refusal = refusalOf(new ApiError({ code: "looks_like_other", resembles }, 409));
  expect(refusal.resembles).toEqual({ subjectId: "one", similarity: 0.71 });
});

it("counts the faces of a picture with several people", () => {
  expect(refusalOf(new ApiError({ code: "several_faces_found", faces: [FACE, FACE] }, 422)).faces).toBe(2);
  expect(refusalOf(new TypeError("lost")).code).toBe("unknown");
});
