import type { CameraImportEntry } from "@/client/types.gen";

const PER_CALL = 500; // the API's limit

/** Lines as many as one call takes. */
export function partsOf(lines: number[], most = PER_CALL): number[][] {
  return Array.from({ length: Math.ceil(lines.length / most) }, (_, part) =>
    lines.slice(part * most, (part + 1) * most),
  );
}

/** Entries with what became of some of them, by line. */
export function mergedEntries(all: CameraImportEntry[], some: CameraImportEntry[]): CameraImportEntry[] {
  const news = new Map(some.map((entry) => [entry.line, entry]));
  return all.map((entry) => news.get(entry.line) ?? entry);
}

export function countedStates(entries: CameraImportEntry[]): Record<CameraImportEntry["state"], number> {
  const counts = { ready: 0, added: 0, duplicate: 0, refused: 0 };
  for (const { state } of entries) counts[state] += 1;
  return counts;
}
