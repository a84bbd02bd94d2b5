import { expect, test } from "vitest";

import type { CameraOut } from "@/client/types.gen";
import { leftOut, problemOf, problemsFirst } from "./camera-problems";

function camera(change: Partial<CameraOut>): CameraOut {
  return { name: "x", status: "active", detection_enabled: true, sample_rate_now: 5, ...change } as CameraOut;
}

test("what is wrong with a camera", () => {
  expect(problemOf(camera({}), 5)).toBeNull();
  expect(problemOf(camera({ status: "error" }), 5)).toBe("error");
  expect(problemOf(camera({ status: "inactive" }), 5)).toBe("inactive");
  expect(problemOf(camera({ status: "inactive", detection_enabled: false }), 5)).toBe("off");
  expect(problemOf(camera({ sample_rate_now: 2.5 }), 5)).toBe("slowed");
  expect(problemOf(camera({ sample_rate_now: 4.9 }), 5)).toBeNull();
  expect(problemOf(camera({ sample_rate_now: null }), 5)).toBeNull();
  expect(problemOf(camera({ sample_rate_now: 1 }), undefined)).toBeNull();
});

test("problems come first, and names keep their order among equals", () => {
  const names = problemsFirst(
    [
      camera({ name: "a" }),
      camera({ name: "b", detection_enabled: false, status: "inactive" }),
      camera({ name: "c", status: "error" }),
      camera({ name: "d", sample_rate_now: 1 }),
      camera({ name: "e" }),
      camera({ name: "f", status: "error" }),
    ],
    5,
  ).map(({ name }) => name);
  expect(names).toEqual(["c", "f", "d", "b", "a", "e"]);
});

test.each([
  [5, 5, 0],
  [0, 0, 0],
  [4.99, 5, 0],
  [6.5, 10, 0.35],
  [5.1, 5, 0],
])("of %d frames per second where %d are wanted, %d are left out", (now, wanted, missing) => {
  expect(leftOut({ frames_per_second: now, frames_per_second_wanted: wanted })).toBeCloseTo(missing);
});
