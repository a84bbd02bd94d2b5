import { useCallback, useRef } from "react";

/** Signed links live for five minutes: within that time a second failure has another cause. */
const EVERY_MS = 5 * 60_000;

/** Lets what reads a record again for fresh links do so at most every five minutes. */
export function useSparingly(act: () => void): () => void {
  const doneAt = useRef(Number.NEGATIVE_INFINITY);
  return useCallback(() => {
    if (performance.now() - doneAt.current < EVERY_MS) return;
    doneAt.current = performance.now();
    act();
  }, [act]);
}
