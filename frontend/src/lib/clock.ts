/** The server's clock: what it says counts, for it stamps what the cameras see. */

/** Differences that nobody sees and that the way of an answer may make. */
const NEGLIGIBLE_MS = 10_000;
/** From here on somebody should set the device's clock. */
const WRONG_MS = 120_000;
/** An answer on the way for longer says too little. */
const LONGEST_WAY_MS = 5_000;

let offset = 0; // ms to add to this device's clock
const listeners = new Set<() => void>();

/** Milliseconds since the epoch, as the server counts them. */
export function serverNow(): number {
  return Date.now() + offset;
}

export function serverDate(): Date {
  return new Date(serverNow());
}

/** An answer has come. Only those that no cache keeps tell the time of now. sentAt: this device's clock, ms. */
export function noteTime(response: Response, sentAt: number): void {
  const there = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(there) || !(response.headers.get("Cache-Control") ?? "").includes("no-store")) return;
  const here = Date.now();
  if (here - sentAt > LONGEST_WAY_MS || here < sentAt) return;
  // The header has whole seconds, cut off: half of one more is right on average.
  const found = there + 500 - (here + sentAt) / 2;
  const next = Math.abs(found) < NEGLIGIBLE_MS ? 0 : found;
  if (Math.abs(next - offset) < NEGLIGIBLE_MS / 4 && next !== 0) return;
  if (next === offset) return;
  offset = next;
  for (const listener of listeners) listener();
}

/** How far this device's clock is ahead (or behind, below 0), in milliseconds; 0 where it is right. */
export function clockError(): number {
  return Math.abs(offset) < WRONG_MS ? 0 : -offset;
}

export function onClock(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
