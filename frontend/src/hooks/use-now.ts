import { useSyncExternalStore } from "react";

import { onClock, serverNow } from "@/lib/clock";

// One timer for every time on the page; it rests while nobody looks.
const EVERY = 15_000; // ms: what is said to the minute is at most this late

let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;
let stopClock = () => {};
const listeners = new Set<() => void>();

function tick() {
  if (document.hidden) return;
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = serverNow();
    timer = setInterval(tick, EVERY);
    stopClock = onClock(tick);
    document.addEventListener("visibilitychange", tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    stopClock();
    document.removeEventListener("visibilitychange", tick);
  };
}

/** Milliseconds by the server's clock, anew every 15 s. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
