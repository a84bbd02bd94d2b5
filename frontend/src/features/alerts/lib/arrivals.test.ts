import { describe, expect, it } from "vitest";

import { alertOf } from "../testing";
import { Arrivals } from "./arrivals";

describe("alerts that have just come", () => {
  it("are told once", () => {
    const arrivals = new Arrivals();
    expect(arrivals.isNew(alertOf())).toBe(true);
    expect(arrivals.isNew(alertOf({ similarity: 0.9 }))).toBe(false);
  });

  it("are not those that somebody handles, or that changed long after", () => {
    const arrivals = new Arrivals();
    expect(arrivals.isNew(alertOf({ id: "b", status: "acknowledged" }))).toBe(false);
    expect(arrivals.isNew(alertOf({ id: "c", updated_at: "2026-05-01T10:00:00Z" }))).toBe(false);
  });
});
