import { expect, it } from "vitest";

import { fromRows, toRows } from "./metadata";

it("keeps the kind of a field that was not changed", () => {
  const before = { badge: 20417, inside: true, note: null, department: "Navy" };
  expect(fromRows(toRows(before), before)).toEqual(before);
});

it("takes changed and new fields as text and leaves nameless ones out", () => {
  const rows = [
    { key: "badge", text: "7" },
    { key: " floor ", text: "2" },
    { key: "", text: "lost" },
  ];
  expect(fromRows(rows, { badge: 20417 })).toEqual({ badge: "7", floor: "2" });
});
