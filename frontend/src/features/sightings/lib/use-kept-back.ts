import { useEffect, useMemo, useRef, useState, type RefObject } from "react";

import type { SightingOut } from "@/client/types.gen";
import type { Rows } from "@/lib/rows";

/**
 * What comes while somebody reads further down is kept back, so that nothing moves under their eyes.
 * top: an element where the list begins; once it is out of sight, one reads further down.
 */
export function useKeptBack(
  rows: Rows<SightingOut>,
  top: RefObject<HTMLElement | null>,
  getScrollElement: () => HTMLElement | null,
) {
  const [first, setFirst] = useState<string | null>(null);
  const latest = useRef<string | null>(null);
  const fresh = first === null ? 0 : Math.max(0, rows.indexOf(first));
  // The same list at each step of scrolling, or all its places would be reckoned anew.
  const shown = useMemo(() => rows.from(fresh), [rows, fresh]);

  useEffect(() => {
    latest.current = rows.idAt(0) ?? null;
  }, [rows]);

  useEffect(() => {
    const [scroller, element] = [getScrollElement(), top.current];
    if (!scroller || !element) return;
    // Told by the browser: asking for the scroll position at each step would make it lay out the list twice.
    const observer = new IntersectionObserver(
      (seen) => setFirst((old) => (seen.at(-1)?.isIntersecting ? null : (old ?? latest.current))),
      { root: scroller },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [top, getScrollElement]);

  function show() {
    setFirst(null);
    getScrollElement()?.scrollTo({ top: 0 });
  }

  return { shown, fresh, show };
}
