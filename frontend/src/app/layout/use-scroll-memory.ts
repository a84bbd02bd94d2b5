import { useEffect, useRef, type RefObject } from "react";
import { useLocation, useNavigationType } from "react-router";

const kept = new Map<string, number>(); // px, by entry of the history

/** A new page begins at its top, one that somebody comes back to where they left it. */
export function useScrollMemory(): RefObject<HTMLElement | null> {
  const element = useRef<HTMLElement>(null);
  const { key, pathname } = useLocation();
  const cameBack = useNavigationType() === "POP";

  useEffect(() => {
    const scrolled = element.current;
    if (!scrolled) return;
    scrolled.scrollTop = cameBack ? (kept.get(key) ?? 0) : 0;
    return () => void kept.set(key, scrolled.scrollTop);
    // A change of filters is no new page.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [pathname]);

  return element;
}
