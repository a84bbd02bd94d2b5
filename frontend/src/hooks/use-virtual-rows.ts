import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { defaultRangeExtractor, measureElement, useVirtualizer, type Range } from "@tanstack/react-virtual";

/** Where lists were scrolled to, by entry of the history: going back shows what one left. */
const positions = new Map<string, number>();

function historyKey(name: string): string {
  const state: unknown = window.history.state;
  const key = typeof state === "object" && state !== null && "key" in state ? String(state.key) : "first";
  return `${key} ${window.location.pathname} ${name}`;
}

function mainElement(): HTMLElement | null {
  return document.getElementById("main");
}

interface Options {
  /** The element in which the rows stand. */
  list: RefObject<HTMLElement | null>;
  count: number;
  estimateSize: number;
  gap?: number;
  getRowKey: (index: number) => string | number;
  getScrollElement?: () => HTMLElement | null;
  /** Tells lists of one page apart. */
  name?: string;
}

/** Draws the rows in sight only, in an element that scrolls for the whole page. The row with the focus stays. */
export function useVirtualRows(options: Options) {
  const { list, count, estimateSize, gap = 0, getRowKey, getScrollElement = mainElement, name = "" } = options;
  const [margin, setMargin] = useState(0);
  const [focused, setFocused] = useState<number | null>(null);
  const [start] = useState(() => positions.get(historyKey(name)) ?? 0);
  const restored = useRef(false);

  // oxlint-disable-next-line react/incompatible-library -- no React Compiler here; rows are drawn anew on purpose
  const rows = useVirtualizer({
    count,
    getScrollElement,
    estimateSize: () => estimateSize,
    // What is not laid out (a hidden tab's page) is as large as was thought.
    measureElement: (element, entry, instance) => measureElement(element, entry, instance) || estimateSize,
    getItemKey: getRowKey,
    gap,
    overscan: 4,
    scrollMargin: margin,
    initialOffset: start,
    // Before the first measurement, and where nothing has a layout, one screen of rows is assumed.
    initialRect: { width: 1024, height: 900 },
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range);
      if (focused === null || focused >= count || shown.includes(focused)) return shown;
      return [...shown, focused].toSorted((a, b) => a - b);
    },
    onChange: (instance) => {
      if (restored.current && instance.scrollOffset !== null) positions.set(historyKey(name), instance.scrollOffset);
    },
  });

  useLayoutEffect(() => {
    const [element, scroller] = [list.current, getScrollElement()];
    if (!element || !scroller) return;
    const measure = () =>
      setMargin(
        Math.round(element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop),
      );
    measure();
    const observer = new ResizeObserver(measure);
    for (let above = element.parentElement; above && above !== scroller; above = above.parentElement)
      observer.observe(above);
    return () => observer.disconnect();
  }, [list, getScrollElement]);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const enter = ({ target }: FocusEvent) => {
      const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
      setFocused(row ? Number(row.dataset.index) : null);
    };
    const leave = () => setFocused(null);
    element.addEventListener("focusin", enter);
    element.addEventListener("focusout", leave);
    return () => {
      element.removeEventListener("focusin", enter);
      element.removeEventListener("focusout", leave);
    };
  }, [list]);

  // After the effects of the page's frame, which begins each page at its top.
  useEffect(() => {
    if (restored.current || count === 0) return;
    const frame = requestAnimationFrame(() => {
      if (start > 0) getScrollElement()?.scrollTo({ top: start });
      restored.current = true;
    });
    return () => cancelAnimationFrame(frame);
  }, [count, start, getScrollElement]);

  return { rows, margin };
}

interface MoreOptions {
  /** The last row that is drawn stands near the end. */
  isNearEnd: boolean;
  /** Key of the last item: each end asks once, so that a failure is not repeated for ever. */
  endKey: string;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore?: () => void;
}

/** Asks for more near the end. Says whether asking was in vain, so that a button is needed. */
export function useMore({ isNearEnd, endKey, hasMore, isLoadingMore, onMore }: MoreOptions): boolean {
  const [askedAt, setAskedAt] = useState<string | null>(null);
  const wants = isNearEnd && hasMore && !isLoadingMore && askedAt !== endKey;

  useEffect(() => {
    if (!wants) return;
    setAskedAt(endKey);
    onMore?.();
  }, [wants, endKey, onMore]);

  return hasMore && !isLoadingMore && askedAt === endKey;
}
