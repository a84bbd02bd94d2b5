import { useEffect, useRef, useState } from "react";

import type { SightingOut } from "@/client/types.gen";

import { keptBack } from "./list";

/** Pixels within which a list counts as read from its top. */
const AT_TOP = 8;

/** What comes while somebody reads further down is kept back, so that nothing moves under their eyes. */
export function useKeptBack(items: SightingOut[], getScrollElement: () => HTMLElement | null) {
  const [first, setFirst] = useState<string | null>(null);
  const latest = useRef<string | null>(null);
  const fresh = keptBack(items, first);

  useEffect(() => {
    latest.current = items[0]?.id ?? null;
  }, [items]);

  useEffect(() => {
    const scroller = getScrollElement();
    if (!scroller) return;
    const scrolled = () => {
      const isAway = scroller.scrollTop > AT_TOP;
      setFirst((old) => (isAway ? (old ?? latest.current) : null));
    };
    scroller.addEventListener("scroll", scrolled, { passive: true });
    return () => scroller.removeEventListener("scroll", scrolled);
  }, [getScrollElement]);

  function show() {
    setFirst(null);
    getScrollElement()?.scrollTo({ top: 0 });
  }

  return { shown: fresh > 0 ? items.slice(fresh) : items, fresh, show };
}
