import { expect, test } from "vitest";

import type { CameraOut } from "@/client/types.gen";
import { arrangementOf, columnsFor, isSame, moved } from "./arrangement";
import { fits } from "./filters";

test("few cameras are large, many are as small as can be read", () => {
  expect(columnsFor(1, 1200, 800)).toBe(1);
  expect(columnsFor(4, 1200, 800)).toBe(2);
  expect(columnsFor(9, 1200, 800)).toBe(3);
  expect(columnsFor(64, 1200, 800)).toBe(4);
  expect(columnsFor(64, 2560, 1300)).toBe(8);
  expect(columnsFor(4, 360, 700)).toBe(1);
  expect(columnsFor(0, 0, 0)).toBe(1);
});

test("what another version or somebody's script kept is shown as far as it makes sense", () => {
  expect(arrangementOf({ cameras: ["a"], columns: 3, overlay: true })).toEqual({
    cameras: ["a"],
    columns: 3,
    overlay: true,
  });
  expect(arrangementOf({ columns: 99 })).toEqual({ cameras: [], columns: 0, overlay: false });
  expect(arrangementOf("x")).toEqual({ cameras: [], columns: 0, overlay: false });
  expect(isSame(arrangementOf({ cameras: ["a", "b"] }), arrangementOf({ cameras: ["b", "a"] }))).toBe(false);
});

test("a tile takes the place of the one it is dropped on", () => {
  expect(moved(["a", "b", "c"], "a", "c")).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], "c", "a")).toEqual(["c", "a", "b"]);
  expect(moved(["a"], "a", "x")).toEqual(["a"]);
});

test("chosen cameras are filtered as the server filters lists", () => {
  const camera = { name: "Entrance", location: "Ground floor", group_id: null, status: "active" } as CameraOut;
  expect(fits({ q: "ground", group: "" })(camera)).toBe(true);
  expect(fits({ q: "vault", group: "" })(camera)).toBe(false);
  expect(fits({ q: "", group: "none", status: "active" })(camera)).toBe(true);
  expect(fits({ q: "", group: "g", status: "active" })(camera)).toBe(false);
  expect(fits({ q: "", group: "", status: "error" })(camera)).toBe(false);
});
