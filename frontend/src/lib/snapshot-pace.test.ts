import { expect, test } from "vitest";

import { joinPace, paceMs, pauseMs } from "./snapshot-pace";

test("few tiles are as quick as the server says, many share what there is", () => {
  expect(paceMs(1, 1)).toBe(1000);
  expect(paceMs(1, 8)).toBe(1000);
  expect(paceMs(1, 16)).toBe(2000);
  expect(paceMs(1, 64)).toBe(8000);
});

test("tiles in sight are counted, and each leaves once", () => {
  const leave = Array.from({ length: 16 }, joinPace);
  expect(paceMs(1)).toBe(2000);
  for (const one of [...leave, ...leave]) one();
  expect(paceMs(1)).toBe(1000);
});

test("what fails is asked for less and less often, and when the server says", () => {
  expect([1, 2, 3, 20].map((failures) => pauseMs(failures, 1000))).toEqual([2000, 4000, 8000, 30_000]);
  expect(pauseMs(1, 1000, 45)).toBe(45_000);
});
