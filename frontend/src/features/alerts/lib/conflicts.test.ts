import { describe, expect, it } from "vitest";

import { alertOf } from "../testing";
import { whoWasFaster } from "./conflicts";

describe("somebody was faster", () => {
  it("is said with the name", () => {
    const fresh = alertOf({ status: "acknowledged", acknowledged_by_name: "maria" });
    expect(whoWasFaster(fresh, alertOf())).toEqual({ key: "conflict.acknowledgedBy", values: { name: "maria" } });
  });

  it("is said without one where the account is gone", () => {
    expect(whoWasFaster(alertOf({ status: "resolved" }), alertOf())?.key).toBe("conflict.resolved");
  });

  it("is not the reason where nothing went on", () => {
    expect(whoWasFaster(alertOf({ status: "acknowledged" }), alertOf({ status: "acknowledged" }))).toBeNull();
  });
});
