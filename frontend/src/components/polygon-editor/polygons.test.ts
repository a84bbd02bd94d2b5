import { describe, expect, it } from "vitest";

import { draw, drawingOf, type Action, type Polygon } from "./polygons";

const SQUARE: Polygon = [
  [0.2, 0.2],
  [0.4, 0.2],
  [0.4, 0.4],
  [0.2, 0.4],
];
const TRIANGLE = SQUARE.slice(0, 3);
const after = (areas: readonly Polygon[], ...actions: Action[]) => actions.reduce(draw, drawingOf(areas));
const at = (x: number, y: number): Action => ({ type: "point", at: [x, y] });

describe("drawing areas", () => {
  it("makes an area of three corners and more, within the picture", () => {
    const drawn = after([], { type: "begin" }, at(0.1, 0.1), at(1.4, 0.1), at(0.5, -1), { type: "close" });
    expect(drawn.areas).toEqual([
      [
        [0.1, 0.1],
        [1, 0.1],
        [0.5, 0],
      ],
    ]);
    expect(drawn.selected).toEqual({ area: 0, corner: null });
  });

  it("makes nothing of fewer corners", () => {
    expect(after([], { type: "begin" }, at(0.1, 0.1), at(0.2, 0.1), { type: "close" })).toMatchObject({
      areas: [],
      open: null,
    });
  });

  it("takes a whole drag back by one undo", () => {
    const drag = (x: number, isFirst = false): Action => ({ type: "move", area: 0, corner: 0, to: [x, 0.2], isFirst });
    const dragged = after([SQUARE], drag(0.1, true), drag(0.05), drag(0.01));
    expect(dragged.areas[0]?.[0]).toEqual([0.01, 0.2]);
    expect(draw(dragged, { type: "undo" }).areas).toEqual([SQUARE]);
  });

  it("moves a whole area by key, but never out of the picture", () => {
    const select: Action = { type: "select", area: 0, corner: null };
    const moved = after([SQUARE], select, { type: "nudge", by: [0.1, 0] });
    expect(moved.areas[0]?.[0]?.[0]).toBeCloseTo(0.3);
    expect(after([SQUARE], select, { type: "nudge", by: [0.7, 0] }).areas).toEqual([SQUARE]);
  });

  it("removes a corner, and the area with its last but two", () => {
    const select: Action = { type: "select", area: 0, corner: 1 };
    expect(after([SQUARE], select, { type: "removeCorner" }).areas[0]).toHaveLength(3);
    expect(after([TRIANGLE], select, { type: "removeCorner" }).areas).toEqual([]);
  });

  it("has nothing to undo at the beginning", () => {
    expect(after([SQUARE], { type: "undo" }).areas).toEqual([SQUARE]);
  });

  it("puts a corner between the selected one and the next, the last one and the first", () => {
    const last: Action = { type: "select", area: 0, corner: 3 };
    const drawn = after([SQUARE], last, { type: "addCorner" });
    expect(drawn.areas[0]?.[4]?.map((share) => Number(share.toFixed(2)))).toEqual([0.2, 0.3]);
    expect(drawn.selected).toEqual({ area: 0, corner: 4 });
    expect(draw(drawn, { type: "undo" }).areas).toEqual([SQUARE]);
  });

  it("begins in the middle without a pointer", () => {
    const drawn = after([SQUARE], { type: "insert" }, { type: "nudge", by: [-0.05, 0] });
    expect(drawn.areas[1]?.[0]).toEqual([expect.closeTo(0.3), 0.35]);
    expect(
      after(
        Array.from({ length: 32 }, () => SQUARE),
        { type: "insert" },
      ).areas,
    ).toHaveLength(32);
  });
});
