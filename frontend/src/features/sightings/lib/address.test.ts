import { expect, test } from "vitest";

import { parse, written } from "@/hooks/use-url-state";

import { filtersOf, hasFilters, NO_FILTERS, urlSchema } from "./address";

const CAMERA = "01a2063d-4434-7a88-8549-98fdbb3c0de8";
const read = (search: string) => parse(urlSchema, new URLSearchParams(search));

test("a link without anything asks for everything", () => {
  expect(filtersOf(read(""))).toEqual({});
  expect(hasFilters(read("view=grid&selected=" + CAMERA))).toBe(false);
});

test("filters of a link reach the API under its names", () => {
  const state = read(`camera=${CAMERA}&known=false&similarity=0.5&quality=0&open=true&watchlist=3`);
  expect(filtersOf(state)).toEqual({
    camera_id: [CAMERA],
    known: false,
    min_similarity: 0.5,
    min_quality: 0,
    open: true,
    watchlist_id: 3,
  });
  expect(hasFilters(state)).toBe(true);
});

test("a preset counts back from when the link is opened", () => {
  const { since, until } = filtersOf(read("preset=hour"), new Date("2026-03-01T12:30:40Z"));
  expect([since, until]).toEqual(["2026-03-01T11:30:00.000Z", undefined]);
});

test("what makes no sense counts as not given", () => {
  expect(filtersOf(read("camera=door&similarity=7&known=maybe&verdict=true_match"))).toEqual({});
});

test("clearing leaves the view and what is looked at", () => {
  const before = new URLSearchParams(`view=grid&camera=${CAMERA}&known=true&preset=day`);
  expect(written(urlSchema, before, NO_FILTERS).toString()).toBe("view=grid");
});
