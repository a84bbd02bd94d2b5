import { useSyncExternalStore } from "react";

// One timer for every time on the page; it rests while nobody looks.
const EVERY = 15_000; // ms: what is said to the minute is at most this late

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick() {
  if (document.hidden) return;
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, EVERY);
    document.addEventListener("visibilitychange", tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}

/** Milliseconds, anew every 15 s. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
