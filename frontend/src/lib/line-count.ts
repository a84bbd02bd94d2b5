const NEWLINE = 10;

export const FORMATS = ["csv", "json", "jsonl"] as const;
export type Format = (typeof FORMATS)[number];

/** Lines that are no rows, as the server writes the formats: a CSV's heads, a JSON array's brackets. */
const EXTRA: Record<Format, number> = { csv: 1, json: 2, jsonl: 0 };

/** Counts the rows of an export while it comes, a line each. */
export class LineCount {
  private lines = 0;

  constructor(private readonly format: Format) {}

  add(piece: Uint8Array): void {
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) this.lines += 1;
  }

  get rows(): number {
    return Math.max(0, this.lines - EXTRA[this.format]);
  }
}
