import { expect, test } from "vitest";

import { areaAround } from "./crop";

test("a face keeps its surroundings", () => {
  expect(areaAround([100, 100, 50, 100], { width: 1000, height: 1000 })).toEqual([70, 40, 110, 220]);
});

test("at an edge it is cut where the picture ends", () => {
  expect(areaAround([-5, 0, 50, 50], { width: 60, height: 40 })).toEqual([0, 0, 60, 40]);
});
