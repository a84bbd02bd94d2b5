import { makeSignal } from "@/lib/signal";

const signal = makeSignal();
let isAway = false;

/** The server did not answer. */
export function missed(): void {
  isAway = true;
}

/** It did. Whoever waits for it hears so, once. */
export function reached(): void {
  if (!isAway) return;
  isAway = false;
  signal.send();
}

/** Whether the last attempt to reach it failed. */
export function isServerAway(): boolean {
  return isAway;
}

/** Hear when the server answers again after it did not: what failed may be asked for at once. */
export const onReached = signal.listen;

/** An answer of a proxy whose server is away; the server's own refusals are problems (RFC 9457). */
export function isOfProxy(response: Response): boolean {
  const isProblem = (response.headers.get("Content-Type") ?? "").includes("application/problem+json");
  return [502, 503, 504].includes(response.status) && !isProblem;
}
