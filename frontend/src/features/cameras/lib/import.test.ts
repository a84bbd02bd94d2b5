import { describe, expect, it } from "vitest";

import type { CameraImportEntry } from "@/client/types.gen";

import { countedStates, mergedEntries, partsOf } from "./import";

const entry = (line: number, state: CameraImportEntry["state"] = "ready"): CameraImportEntry => ({
  line,
  name: `Camera ${line}`,
  stream_url: "rtsp://host/1",
  state,
});

describe("an import", () => {
  it("goes in parts that one call takes", () => {
    expect(partsOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(partsOf([])).toEqual([]);
  });

  it("keeps the order of the playlist and what is not done yet", () => {
    const merged = mergedEntries([entry(2), entry(4), entry(6)], [entry(4, "added")]);
    expect(merged.map(({ line, state }) => [line, state])).toEqual([
      [2, "ready"],
      [4, "added"],
      [6, "ready"],
    ]);
    expect(countedStates(merged)).toEqual({ ready: 2, added: 1, duplicate: 0, refused: 0 });
  });
});
