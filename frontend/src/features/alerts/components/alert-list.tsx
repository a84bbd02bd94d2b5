import { useEffect, useLayoutEffect, useMemo, useRef, useState, type MouseEvent } from "react";
import { ArrowUp } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertOut } from "@/client/types.gen";
import { LoadMore } from "@/components/load-more";
import { Button } from "@/components/ui/button";
import { useMore, useVirtualRows } from "@/hooks/use-virtual-rows";
import { formatDate } from "@/lib/format";

import { cameAbove, withDays, withoutDays } from "../lib/queue";
import { AlertCard } from "./alert-card";

/** Pixels; cards are 80 of them high. */
const CARD_HEIGHT = 80;
const AT_TOP = 8;

interface Props {
  items: AlertOut[];
  /** Headings of days, where the order is that of time. */
  byDay: boolean;
  linkOf: (id: string) => string;
  chosen?: string;
  selected: ReadonlySet<string>;
  onSelect?: (id: string, isSelected: boolean) => void;
  onOpen?: (id: string, event: MouseEvent) => void;
  /** A picture's link has expired. Keep the function the same between renders. */
  onStale: (id: string) => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
  /** Keep the function the same between renders. */
  getScrollElement: () => HTMLElement | null;
  /** Moves to a card and puts the focus there; a new object each time. */
  goTo: { id: string } | null;
}

/** The queue: what is in sight is drawn. New ones above leave what is read where it is. */
export function AlertList(props: Props) {
  const { items, byDay, chosen, selected, hasMore, isLoadingMore, onMore, getScrollElement, goTo } = props;
  const { t } = useTranslation("alerts");
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(() => (byDay ? withDays(items) : withoutDays(items)), [byDay, items]);
  const keyAt = (index: number) => all[index]?.id ?? `missing ${index}`;
  const { rows, margin } = useVirtualRows({
    list,
    count: all.length,
    estimateSize: CARD_HEIGHT,
    getRowKey: keyAt,
    getScrollElement,
    name: "alerts",
  });
  const shown = rows.getVirtualItems();
  const isNearEnd = all.length > 0 && (shown.at(-1)?.index ?? 0) >= all.length - 5;
  const needsButton = useMore({ isNearEnd, endKey: keyAt(all.length - 1), hasMore, isLoadingMore, onMore });
  const { fresh, clear } = useStandStill(items, getScrollElement);

  const done = useRef<object | null>(null);
  useEffect(() => {
    if (!goTo || done.current === goTo) return;
    const index = all.findIndex((row) => row.id === goTo.id);
    if (index < 0) return;
    done.current = goTo;
    rows.scrollToIndex(index, { align: "auto" });
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-alert="${goTo.id}"]`)?.focus({ preventScroll: true }),
    );
  }, [goTo, all, rows]);

  return (
    <>
      {fresh > 0 && (
        <div className="sticky top-2 z-10 flex h-0 justify-center">
          <Button
            size="sm"
            className="rounded-full shadow-md"
            onClick={() => {
              getScrollElement()?.scrollTo({ top: 0 });
              clear();
            }}
          >
            <ArrowUp aria-hidden />
            {t("queue.above", { count: fresh })}
          </Button>
        </div>
      )}
      <div
        ref={list}
        role="list"
        aria-label={t("queue.label")}
        className="relative w-full"
        style={{ height: rows.getTotalSize() }}
      >
        {shown.map((row) => {
          const one = all[row.index];
          if (!one) return null;
          return (
            <div
              key={row.key}
              ref={rows.measureElement}
              role={one.kind === "alert" ? "listitem" : "presentation"}
              data-index={row.index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${row.start - margin}px)` }}
            >
              {one.kind === "day" ? (
                <p className="border-b bg-muted px-4 py-1 text-xs font-medium text-muted-foreground">
                  {formatDate(one.day)}
                </p>
              ) : (
                <AlertCard
                  alert={one.alert}
                  to={props.linkOf(one.id)}
                  isChosen={one.id === chosen}
                  isSelected={selected.has(one.id)}
                  onSelect={props.onSelect}
                  onOpen={props.onOpen}
                  onStale={props.onStale}
                />
              )}
            </div>
          );
        })}
      </div>
      {(hasMore || isLoadingMore) && <LoadMore isLoading={isLoadingMore} needsButton={needsButton} onMore={onMore} />}
    </>
  );
}

/** Keeps what is read in its place when alerts come above it, and counts those. */
function useStandStill(items: AlertOut[], getScrollElement: () => HTMLElement | null) {
  const before = useRef<string[]>([]);
  const [fresh, setFresh] = useState(0);

  useLayoutEffect(() => {
    const now = items.map(({ id }) => id);
    const above = cameAbove(before.current, now);
    before.current = now;
    const scroller = getScrollElement();
    if (above === 0 || !scroller || scroller.scrollTop < AT_TOP) return;
    scroller.scrollTop += above * CARD_HEIGHT;
    setFresh((old) => old + above);
  }, [items, getScrollElement]);

  useEffect(() => {
    const scroller = getScrollElement();
    if (fresh === 0 || !scroller) return;
    const reached = () => scroller.scrollTop < AT_TOP && setFresh(0);
    scroller.addEventListener("scroll", reached, { passive: true });
    return () => scroller.removeEventListener("scroll", reached);
  }, [fresh, getScrollElement]);

  return { fresh, clear: () => setFresh(0) };
}
