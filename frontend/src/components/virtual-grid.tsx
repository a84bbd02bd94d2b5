import { useLayoutEffect, useRef, useState, type ReactNode } from "react";

import { LoadMore } from "@/components/load-more";
import { useMore, useVirtualRows } from "@/hooks/use-virtual-rows";

interface Props<T> {
  items: T[];
  /** Pixels: as many columns as fit. */
  minColumnWidth: number;
  /** Pixels of a row's height; measured once it is drawn. */
  estimateSize: number;
  renderItem: (item: T, index: number) => ReactNode;
  getKey: (item: T) => string;
  gap?: number;
  hasMore?: boolean;
  onMore?: () => void;
  isLoadingMore?: boolean;
  getScrollElement?: () => HTMLElement | null;
  name?: string;
  label?: string;
  className?: string;
}

/** At least one, for a phone may be narrower than a column. */
export function columnsIn(width: number, minColumnWidth: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (minColumnWidth + gap)));
}

/** A grid of any length that draws the rows in sight. */
export function VirtualGrid<T>({
  items,
  minColumnWidth,
  estimateSize,
  renderItem,
  getKey,
  gap = 12,
  hasMore = false,
  onMore,
  isLoadingMore = false,
  getScrollElement,
  name,
  label,
  className,
}: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(1);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const measure = () => setColumns(columnsIn(element.clientWidth, minColumnWidth, gap));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [minColumnWidth, gap]);

  const count = Math.ceil(items.length / columns);
  const keyAt = (row: number) => {
    const first = items[row * columns];
    return `${columns} ${first === undefined ? `missing ${row}` : getKey(first)}`;
  };
  const { rows, margin } = useVirtualRows({
    list,
    count,
    estimateSize,
    gap,
    getRowKey: keyAt,
    getScrollElement,
    name,
  });
  const shown = rows.getVirtualItems();
  const isNearEnd = count > 0 && (shown.at(-1)?.index ?? 0) >= count - 3;
  const last = items.at(-1);
  const endKey = last === undefined ? "none" : getKey(last);
  const needsButton = useMore({ isNearEnd, endKey, hasMore, isLoadingMore, onMore });

  return (
    <div className={className}>
      <div
        ref={list}
        role="list"
        aria-label={label}
        className="relative w-full"
        style={{ height: rows.getTotalSize() }}
      >
        {shown.map((row) => (
          <div
            key={row.key}
            ref={rows.measureElement}
            role="presentation"
            data-index={row.index}
            className="absolute inset-x-0 top-0 grid"
            style={{
              gap,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              transform: `translateY(${row.start - margin}px)`,
            }}
          >
            {items.slice(row.index * columns, (row.index + 1) * columns).map((item, column) => {
              const index = row.index * columns + column;
              return (
                <div
                  key={getKey(item)}
                  role="listitem"
                  aria-setsize={hasMore ? -1 : items.length}
                  aria-posinset={index + 1}
                  className="min-w-0"
                >
                  {renderItem(item, index)}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {(hasMore || isLoadingMore) && <LoadMore isLoading={isLoadingMore} needsButton={needsButton} onMore={onMore} />}
    </div>
  );
}
