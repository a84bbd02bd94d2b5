import type { ImportRow } from "@/client/types.gen";

const ORDER: ImportRow["status"][] = ["failed", "updated", "created", "skipped"];

/** Rows that need somebody first: those that failed, then those with a refused picture, then by line. */
export function worstFirst(rows: readonly ImportRow[]): ImportRow[] {
  const rank = ({ status, code }: ImportRow) => (status !== "failed" && code ? 0.5 : ORDER.indexOf(status));
  return rows.toSorted((one, other) => rank(one) - rank(other) || one.row - other.row);
}

export function amounts(rows: readonly ImportRow[]): Record<ImportRow["status"], number> {
  const count = { created: 0, updated: 0, skipped: 0, failed: 0 };
  for (const { status } of rows) count[status] += 1;
  return count;
}
