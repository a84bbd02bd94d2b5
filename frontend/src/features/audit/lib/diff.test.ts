import { expect, test } from "vitest";

import { differences } from "./diff";

test("what changed stands first", () => {
  expect(differences({ id: "1", fps: 5 }, { id: "1", fps: 10 })).toEqual([
    { field: "fps", before: "5", after: "10", isChanged: true },
    { field: "id", before: "1", after: "1", isChanged: false },
  ]);
});

test("a new record has no before", () => {
  expect(differences(null, { a: null })).toEqual([{ field: "a", before: "", after: "null", isChanged: true }]);
});
