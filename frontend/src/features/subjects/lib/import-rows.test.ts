import { expect, it } from "vitest";

import type { ImportRow } from "@/client/types.gen";

import { amounts, worstFirst } from "./import-rows";

const row = (line: number, status: ImportRow["status"], code: string | null = null): ImportRow => ({
  row: line,
  status,
  code,
});
const ROWS = [
  row(2, "created"),
  row(3, "failed", "invalid_input"),
  row(4, "created", "no_face_found"),
  row(5, "failed"),
];

it("shows first what needs somebody", () => {
  expect(worstFirst(ROWS).map((one) => one.row)).toEqual([3, 5, 4, 2]);
});

it("counts what became of the rows", () => {
  expect(amounts(ROWS)).toEqual({ created: 2, updated: 0, skipped: 0, failed: 2 });
});
