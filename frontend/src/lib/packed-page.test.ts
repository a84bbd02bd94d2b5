import { expect, test } from "vitest";

import { holds, idsOf, PackedPage, withItems } from "./packed-page";

const page = {
  items: [
    { id: "a", name: "Ada" },
    { id: "b", name: "Grace" },
  ],
  next: "after b",
};

test("records come out as they went in, the same ones while they are looked at", () => {
  const packed = PackedPage.of(page);
  expect(packed.items).toEqual(page.items);
  expect(packed.items).toBe(packed.items);
  expect([packed.next, idsOf(packed), holds(packed, "b"), holds(packed, "c")]).toEqual([
    "after b",
    ["a", "b"],
    true,
    false,
  ]);
});

test("only the pages last looked at stay unpacked", () => {
  const packed = PackedPage.of(page);
  const before = packed.items;
  for (let other = 0; other < 100; other += 1) expect(PackedPage.of(page).items).toHaveLength(2);
  expect(packed.items).not.toBe(before);
  expect(packed.items).toEqual(before);
});

test("a page with other records is packed where it was", () => {
  const packed = withItems(PackedPage.of(page), [{ id: "c", name: "Joan" }]);
  expect(packed).toBeInstanceOf(PackedPage);
  expect([packed.items[0]?.name, idsOf(packed), packed.next]).toEqual(["Joan", ["c"], "after b"]);
  expect(withItems(page, [])).toEqual({ items: [], next: "after b" });
});
