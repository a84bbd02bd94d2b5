import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { ArrowUp } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SightingOut } from "@/client/types.gen";
import { LoadMore } from "@/components/load-more";
import { columnsIn } from "@/components/virtual-grid";
import { Button } from "@/components/ui/button";
import { useMore, useVirtualRows } from "@/hooks/use-virtual-rows";
import type { Rows } from "@/lib/rows";
import { cn } from "@/lib/utils";

import { useKeptBack } from "../lib/use-kept-back";
import { SightingCard } from "./sighting-card";

/** Pixels. */
const ROW_HEIGHT = 64;
const TILE_WIDTH = 168;
const TILE_HEIGHT = 268;
const TILE_GAP = 12;

interface Props {
  rows: Rows<SightingOut>;
  view: "list" | "grid";
  linkOf: (id: string) => string;
  chosen: string | null;
  selected: ReadonlySet<string>;
  onSelect?: (id: string, isSelected: boolean) => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
  /** A sighting may not be what it was, or its picture's link has expired. */
  onStale: (id: string) => void;
  /** Keep the function the same between renders. */
  getScrollElement: () => HTMLElement | null;
  /** Moves to a sighting and puts the focus there; a new object each time. */
  goTo: { id: string } | null;
}

const byPlace = (row: number) => row;

/** Sightings of any number, as rows or tiles: what is in sight is drawn, and stands still while one reads. */
export function SightingList(props: Props) {
  const { view, hasMore, isLoadingMore, onMore, onStale, getScrollElement, goTo } = props;
  const { t } = useTranslation("sightings");
  const list = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const columns = useColumns(list, view);
  const { shown: items, fresh, show } = useKeptBack(props.rows, top, getScrollElement);
  const { rows, margin } = useVirtualRows({
    list,
    count: Math.ceil(items.length / columns),
    estimateSize: view === "grid" ? TILE_HEIGHT : ROW_HEIGHT,
    gap: view === "grid" ? TILE_GAP : 0,
    // By place: all are of one height, and 100,000 ids would be as many parts for the garbage collector.
    getRowKey: byPlace,
    getScrollElement,
    name: "sightings",
  });
  const inSight = rows.getVirtualItems();
  const isNearEnd = items.length > 0 && ((inSight.at(-1)?.index ?? 0) + 5) * columns >= items.length;
  const needsButton = useMore({
    isNearEnd,
    endKey: items.idAt(items.length - 1) ?? "none",
    hasMore,
    isLoadingMore,
    onMore,
  });

  const stale = inSight.map(({ index }) => index * columns).find((index) => items.isStale(index));
  const staleId = stale === undefined ? undefined : items.idAt(stale);
  useEffect(() => {
    if (staleId !== undefined) onStale(staleId);
  }, [staleId, onStale]);

  const done = useRef<object | null>(null);
  useEffect(() => {
    if (!goTo || done.current === goTo) return;
    const index = items.indexOf(goTo.id);
    if (index < 0) return;
    done.current = goTo;
    rows.scrollToIndex(Math.floor(index / columns), { align: "auto" });
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-sighting="${goTo.id}"]`)?.focus({ preventScroll: true }),
    );
  }, [goTo, items, rows, columns]);

  return (
    <div className={cn("@container", view === "grid" && "p-4 md:px-6")}>
      <div ref={top} aria-hidden className="-mb-2 h-2" />
      <div role="status" className="sticky top-2 z-10 flex h-0 justify-center">
        {fresh > 0 && (
          <Button size="sm" className="rounded-full shadow-md" onClick={show}>
            <ArrowUp aria-hidden />
            {t("list.fresh", { count: fresh })}
          </Button>
        )}
      </div>
      <div
        ref={list}
        role="list"
        aria-label={t("title")}
        className="relative w-full"
        style={{ height: rows.getTotalSize() }}
      >
        {inSight.map((row) => (
          <div
            key={items.idAt(row.index * columns) ?? row.key}
            ref={rows.measureElement}
            role="presentation"
            data-index={row.index}
            className={cn("absolute inset-x-0 top-0", view === "grid" && "grid gap-3")}
            style={{
              transform: `translateY(${row.start - margin}px)`,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            }}
          >
            {items.slice(row.index * columns, (row.index + 1) * columns).map((sighting, column) => (
              <div
                key={sighting.id}
                role="listitem"
                aria-setsize={hasMore ? -1 : items.length}
                aria-posinset={row.index * columns + column + 1}
                className="min-w-0"
              >
                <SightingCard
                  sighting={sighting}
                  view={view}
                  to={props.linkOf(sighting.id)}
                  isChosen={sighting.id === props.chosen}
                  isSelected={props.selected.has(sighting.id)}
                  onSelect={props.onSelect}
                  onStale={onStale}
                />
              </div>
            ))}
          </div>
        ))}
      </div>
      {(hasMore || isLoadingMore) && <LoadMore isLoading={isLoadingMore} needsButton={needsButton} onMore={onMore} />}
    </div>
  );
}

function useColumns(list: React.RefObject<HTMLElement | null>, view: Props["view"]): number {
  const [columns, setColumns] = useState(1);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element || view === "list") return setColumns(1);
    const measure = () => setColumns(columnsIn(element.clientWidth, TILE_WIDTH, TILE_GAP));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [list, view]);
  return columns;
}
