import { expect, test } from "vitest";

import { PackedPage } from "./packed-page";
import { joined, Rows } from "./rows";

interface Item {
  id: string;
  at: number;
}

const item = (id: string, at = 0): Item => ({ id, at });
const page = (ids: string, next: string | null = null) => ({ items: [...ids].map((id) => item(id)), next });
const packed = (ids: string, next: string | null = null) => PackedPage.of(page(ids, next));
const text = (rows: Rows<Item>) => rows.ids().join("");

test("what events put on top stands where it belongs, once, and not again where it was", () => {
  const pages = [
    { items: [item("b", 20), item("c", 30), item("a", 10)] },
    PackedPage.of({ items: [item("a", 10), item("0", 5)] }),
  ];
  const rows = Rows.of(pages, (one, other) => other.at - one.at);
  expect(text(rows)).toBe("cba0");
  expect(rows.at(3)).toEqual({ id: "0", at: 5 });
});

test("without an order records stay as the server has them", () => {
  expect(text(Rows.of([{ items: [item("a", 10), item("b", 20)] }]))).toBe("ab");
});

test("records of packed pages are found by place and by id, over pages that are empty", () => {
  const rows = Rows.of([page("ab"), packed(""), packed("cd"), packed(""), packed("e"), packed("")]);
  expect(rows).toHaveLength(5);
  expect([0, 1, 2, 3, 4, 5].map((index) => rows.at(index)?.id)).toEqual(["a", "b", "c", "d", "e", undefined]);
  expect([..."abcdex"].map((id) => rows.indexOf(id))).toEqual([0, 1, 2, 3, 4, -1]);
  expect(rows.slice(1, 4).map(({ id }) => id)).toEqual(["b", "c", "d"]);
  expect(rows.those(new Set(["e", "a", "?"])).map(({ id }) => id)).toEqual(["a", "e"]);
  expect(Rows.of<Item>([]).at(0)).toBeUndefined();
});

test("the first ones can be kept back", () => {
  const rows = Rows.of([page("ab"), packed("cd")]).from(3);
  expect(text(rows)).toBe("d");
  expect([rows.idAt(0), rows.idAt(1), rows.indexOf("d"), rows.indexOf("a")]).toEqual(["d", undefined, 0, -1]);
  expect(rows.from(1)).toHaveLength(0);
});

test("what may have changed unseen is marked, and stays the same record while it is in sight", () => {
  const second = packed("cd");
  const seen = second.items[0];
  const rows = Rows.of([page("ab"), second.stale()]);
  expect([0, 1, 2, 3].map((index) => rows.isStale(index))).toEqual([false, false, true, true]);
  expect(rows.at(2)).toBe(seen);
});

test("a page that was read leads on to those that are there", () => {
  const known = [
    { page: packed("cd"), cursor: "after b" },
    { page: packed("ef"), cursor: "after d" },
  ];
  expect(joined(page("xy", "after b"), known)).toEqual(page("xy", "after b"));
  expect(joined(page("xyc", "after c"), known)).toEqual(page("xy", "after b"));
  // The whole page before it is gone on the server.
  expect(joined(page("ab?e", "after e"), known)).toEqual(page("ab?", "after d"));
  expect(joined(page("vw", "after w"), known)).toBeNull();
});
