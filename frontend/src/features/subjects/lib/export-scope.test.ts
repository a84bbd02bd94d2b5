import { expect, it } from "vitest";

import { MOST_EXPORTED, whomToExport } from "./export-scope";

const people = (count: number) => new Set(Array.from({ length: count }, (_, index) => `id-${index}`));

it("exports those who were chosen, also more than five hundred, whatever is filtered by", () => {
  const { told, body } = whomToExport(people(501), { watchlist: 3 });
  expect(told).toBe("chosen");
  expect(body?.ids).toHaveLength(501);
  expect(body).not.toHaveProperty("watchlist_id");
});

it("exports nobody else where too many are chosen", () => {
  expect(whomToExport(people(MOST_EXPORTED + 1), { status: "active" })).toEqual({ told: "tooMany" });
});

it("exports those of the filters, or everybody, where nobody is chosen", () => {
  expect(whomToExport(new Set(), { status: "inactive" })).toEqual({ told: "filtered", body: { status: "inactive" } });
  expect(whomToExport(new Set(), {}).told).toBe("all");
});
