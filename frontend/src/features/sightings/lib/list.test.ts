import { expect, test } from "vitest";

import { aSighting } from "../testing";
import { Rows } from "@/lib/rows";

import { byPerson, neighbour } from "./list";

const rows = (...ids: string[]) => Rows.of([{ items: ids.map((id) => aSighting({ id })) }]);

test("j and k stay within the list", () => {
  expect(neighbour(rows("a", "b"), null, 1)).toBe("a");
  expect(neighbour(rows("a", "b"), "a", 1)).toBe("b");
  expect(neighbour(rows("a", "b"), "b", 1)).toBe("b");
  expect(neighbour(rows("a", "b"), "gone", -1)).toBe("a");
  expect(neighbour(rows(), null, 1)).toBeNull();
});

test("confirming several goes by person, and leaves out who has no name", () => {
  const { people, nameless } = byPerson([
    aSighting({ id: "1", subject_id: "x" }),
    aSighting({ id: "2", subject_id: null }),
    aSighting({ id: "3", subject_id: "x" }),
  ]);
  expect([...people]).toEqual([["x", ["1", "3"]]]);
  expect(nameless).toEqual(["2"]);
});
