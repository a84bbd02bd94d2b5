import { describe, expect, it } from "vitest";

import { parse } from "@/hooks/use-url-state";

import { filtersOf, hasFilters, listQueryOf, rangeChange, urlSchema } from "./filters";

const USER = "01a2063d-3f8e-7633-9af8-5c76bf64c6a3";
const read = (text: string) => parse(urlSchema, new URLSearchParams(text));

describe("the address of the queue", () => {
  it("asks for new ones, the newest first, when it says nothing", () => {
    expect(listQueryOf(filtersOf(read(""), USER), read(""))).toEqual({ status: ["new"] });
  });

  it("names everything that the API filters by", () => {
    const state = read("status=all&severity=high&severity=critical&mine=true&pending=true&watchlist=3&sort=severity");
    expect(listQueryOf(filtersOf(state, USER), state)).toEqual({
      severity: ["high", "critical"],
      assigned_to: USER,
      verification: "pending",
      watchlist_id: 3,
      sort: "-severity",
    });
    expect(hasFilters(state)).toBe(true);
  });

  it("takes a preset as the time before now", () => {
    const now = new Date("2026-05-01T12:00:30Z");
    expect(filtersOf(read("preset=day"), USER, now)).toEqual({ since: "2026-04-30T12:00:00.000Z" });
    expect(rangeChange({ preset: "day", since: "2026-04-30T12:00:00.000Z" })).toEqual({ preset: "day" });
  });

  it("overlooks what is no filter", () => {
    const state = read("status=broken&camera=7&watchlist=x");
    expect(filtersOf(state, USER)).toEqual({});
    expect(hasFilters(state)).toBe(false);
  });
});
