import { describe, expect, it } from "vitest";

import { alertOf } from "../testing";
import { cameAbove, inOrder, neighbour, withDays } from "./queue";

describe("the order of the queue", () => {
  const old = alertOf({ id: "a", created_at: "2026-05-01T08:00:00Z" });
  const middle = alertOf({ id: "b", created_at: "2026-05-01T09:00:00Z" });
  const fresh = alertOf({ id: "c", created_at: "2026-05-03T09:00:00Z" });

  it("is that of the server, though an event put a changed one on top", () => {
    expect(inOrder([{ items: [old, fresh] }, { items: [middle, old] }], "newest").map(({ id }) => id)).toEqual([
      "c",
      "b",
      "a",
    ]);
  });

  it("is kept as it came where severity goes first", () => {
    expect(inOrder([{ items: [old, fresh] }], "severity").map(({ id }) => id)).toEqual(["a", "c"]);
  });

  it("has a heading per day", () => {
    expect(withDays([fresh, middle, old]).map(({ kind }) => kind)).toEqual(["day", "alert", "day", "alert", "alert"]);
  });
});

describe("moving by keys", () => {
  it("goes to the neighbour and stops at the ends", () => {
    expect(neighbour(["a", "b", "c"], "b", 1)).toBe("c");
    expect(neighbour(["a", "b", "c"], "c", 1)).toBe("c");
    expect(neighbour(["a", "b", "c"], "a", -1)).toBe("a");
    expect(neighbour(["a", "b"], undefined, 1)).toBe("a");
    expect(neighbour([], "a", 1)).toBeNull();
  });

  it("goes on where a handled alert stood", () => {
    expect(neighbour(["a", "c", "d"], "b", 1, 1)).toBe("c");
    expect(neighbour(["a", "c", "d"], "b", -1, 1)).toBe("a");
    expect(neighbour(["a"], "b", 1, 1)).toBe("a");
  });

  it("knows how many came above", () => {
    expect(cameAbove(["b", "c"], ["x", "a", "b", "c"])).toBe(2);
    expect(cameAbove(["b", "c"], ["c"])).toBe(0);
    expect(cameAbove([], ["a"])).toBe(0);
  });
});
