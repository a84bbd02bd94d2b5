import { useRef, useState } from "react";

import { exportSightings } from "@/client/sdk.gen";
import { saveBlob } from "@/lib/save";

import type { Filters } from "../lib/address";
import { LineCount, type Format } from "../lib/line-count";

export interface Progress {
  rows: number;
  bytes: number;
}

type State =
  | { step: "idle" }
  | { step: "running"; progress: Progress }
  | { step: "done"; progress: Progress; name: string }
  | { step: "failed"; error: unknown };

/** How often what has come is told: several times a second, not at each of thousands of pieces. */
const TOLD_EVERY_MS = 150;

/** Sightings as a file, followed while it comes. */
export function useExportSightings() {
  const [state, setState] = useState<State>({ step: "idle" });
  const running = useRef<AbortController>(undefined);

  async function start(filters: Filters, format: Format, forExcel: boolean): Promise<void> {
    if (running.current) return;
    const controller = (running.current = new AbortController());
    setState({ step: "running", progress: { rows: 0, bytes: 0 } });
    try {
      const { data, response } = await exportSightings({
        body: { ...filters, format, byte_order_mark: format === "csv" && forExcel },
        parseAs: "stream",
        signal: controller.signal,
      });
      if (!(data instanceof ReadableStream)) throw new Error("the export has no body");
      const { pieces, progress } = await collect(data, format, (progress) => setState({ step: "running", progress }));
      const name = nameOf(response) ?? `sightings.${format}`;
      saveBlob(name, new Blob(pieces, { type: response.headers.get("Content-Type") ?? "" }));
      setState({ step: "done", progress, name });
    } catch (error) {
      setState(controller.signal.aborted ? { step: "idle" } : { step: "failed", error });
    } finally {
      running.current = undefined;
    }
  }

  function cancel() {
    running.current?.abort();
    setState({ step: "idle" });
  }

  return { state, start, cancel };
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, format: Format, told: (is: Progress) => void) {
  const lines = new LineCount(format);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  let [bytes, toldAt] = [0, 0];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    lines.add(piece.value);
    bytes += piece.value.byteLength;
    if (performance.now() - toldAt < TOLD_EVERY_MS) continue;
    toldAt = performance.now();
    told({ rows: lines.rows, bytes });
  }
  return { pieces, progress: { rows: lines.rows, bytes } };
}

function nameOf(response: Response): string | undefined {
  return /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
}
