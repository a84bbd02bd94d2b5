import { expect, test } from "vitest";

import { middles, moved, withCorner, withoutCorner, type Area } from "./areas";

const HALF: Area = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
];

test("a corner does not leave the picture", () => {
  expect(moved(HALF, 0, [-0.01, 0.01], 5)[0]).toEqual([0, 0.05]);
});

test("a new corner lies in the middle of its side, the last side's too", () => {
  expect(middles(HALF)[3]).toEqual([0, 0.5]);
  expect(withCorner(HALF, 3).at(-1)).toEqual([0, 0.5]);
  expect(withoutCorner(withCorner(HALF, 1), 2)).toEqual(HALF);
});
