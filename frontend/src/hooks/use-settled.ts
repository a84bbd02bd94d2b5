import { useEffect, useState } from "react";

/** Between two keys of somebody who types. */
const PAUSE_MS = 250;

/** What is typed, once it stays as it is: the server is asked for words, not for every letter. */
export function useSettled(value: string, pauseMs = PAUSE_MS): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return;
    const timer = setTimeout(() => setSettled(value), value === "" ? 0 : pauseMs);
    return () => clearTimeout(timer);
  }, [value, settled, pauseMs]);
  return settled;
}
