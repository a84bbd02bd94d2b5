import { expect, test } from "vitest";

import { freshened } from "./fresh-pages";

test("only pages with a record that was read again are made anew", () => {
  const pages = [{ items: [{ id: "a", url: "/old" }] }, { items: [{ id: "b", url: "/old" }] }];
  const fresh = [{ id: "b", url: "/new" }];
  const next = freshened(pages, fresh);
  expect(next[0]).toBe(pages[0]);
  expect(next[1]?.items[0]?.url).toBe("/new");
});
