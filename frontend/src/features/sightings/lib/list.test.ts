import { expect, test } from "vitest";

import { aSighting } from "../testing";
import { freshened } from "@/lib/fresh-pages";

import { byPerson, inOrder, keptBack, neighbour } from "./list";

const at = (id: string, minute: number) => aSighting({ id, detected_at: `2026-03-01T12:${minute}:00Z` });
const ids = (items: { id: string }[]) => items.map(({ id }) => id);

test("what events put on top stands where it belongs, once", () => {
  const pages = [{ items: [at("b", 20), at("c", 30), at("a", 10)] }, { items: [at("a", 10), at("0", 5)] }];
  expect(ids(inOrder(pages, true))).toEqual(["c", "b", "a", "0"]);
});

test("the oldest first stays as the server has it", () => {
  expect(ids(inOrder([{ items: [at("a", 10), at("b", 20)] }], false))).toEqual(["a", "b"]);
});

test("new ones are kept back above what is read, and are shown when their place is gone", () => {
  const items = [at("c", 30), at("b", 20), at("a", 10)];
  expect(keptBack(items, "b")).toBe(1);
  expect(keptBack(items, null)).toBe(0);
  expect(keptBack(items, "gone")).toBe(0);
});

test("j and k stay within the list", () => {
  expect(neighbour(["a", "b"], null, 1)).toBe("a");
  expect(neighbour(["a", "b"], "a", 1)).toBe("b");
  expect(neighbour(["a", "b"], "b", 1)).toBe("b");
  expect(neighbour(["a", "b"], "gone", -1)).toBe("a");
  expect(neighbour([], null, 1)).toBeNull();
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

test("only pages with a sighting that was read again are made anew", () => {
  const pages = [{ items: [at("a", 1)] }, { items: [at("b", 2)] }];
  const next = freshened(pages, [aSighting({ id: "b", image_url: "/new" })]);
  expect(next[0]).toBe(pages[0]);
  expect(next[1]?.items[0]?.image_url).toBe("/new");
});
