import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { PAGES } from "./pages.mjs";

/** A path without what differs: parameters, the rest below it, the first slash. */
const plain = (path) =>
  path
    .replace(/\/\*$/, "")
    .replace(/:\w+|\{\w+\}/g, "*")
    .replace(/^\//, "");

test("every route of the router has its picture", () => {
  const router = readFileSync("src/app/router.tsx", "utf8");
  const routes = [...router.matchAll(/path: "([^"]+)", lazy/g)].map(([, path]) => plain(path));
  const pictured = Object.values(PAGES).map(({ path }) => plain(path));
  expect(routes).toContain("cameras/*");
  expect(new Set(pictured)).toEqual(new Set(routes.map((path) => (path === "*" ? "nowhere" : path))));
});
