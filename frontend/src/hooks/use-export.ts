import { useRef, useState } from "react";

import { LineCount, type Format } from "@/lib/line-count";
import { saveBlob } from "@/lib/save";

/** How a file shall be written. */
export interface FileChoice {
  format: Format;
  /** Marks a CSV so that Excel reads it as UTF-8. */
  byte_order_mark: boolean;
}

/** Asks for the file, as a stream. */
export type Send = (choice: FileChoice, signal: AbortSignal) => Promise<{ data: unknown; response: Response }>;

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

/** A table as a file, followed while it comes. name: what it is called where the server does not say. */
export function useExport(name: string, send: Send) {
  const [state, setState] = useState<State>({ step: "idle" });
  const running = useRef<AbortController>(undefined);

  async function start(format: Format, forExcel: boolean): Promise<void> {
    if (running.current) return;
    const controller = (running.current = new AbortController());
    setState({ step: "running", progress: { rows: 0, bytes: 0 } });
    try {
      const choice = { format, byte_order_mark: format === "csv" && forExcel };
      const { data, response } = await send(choice, controller.signal);
      if (!(data instanceof ReadableStream)) throw new Error("the export has no body");
      const { pieces, progress } = await collect(data, format, (progress) => setState({ step: "running", progress }));
      const saved = nameOf(response) ?? `${name}.${format}`;
      saveBlob(saved, new Blob(pieces, { type: response.headers.get("Content-Type") ?? "" }));
      setState({ step: "done", progress, name: saved });
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
