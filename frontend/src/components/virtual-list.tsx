import { useRef, type ReactNode } from "react";

import { LoadMore } from "@/components/load-more";
import { useMore, useVirtualRows } from "@/hooks/use-virtual-rows";

interface Props<T> {
  items: T[];
  /** Pixels; rows are measured once they are drawn. */
  estimateSize: number;
  renderItem: (item: T, index: number) => ReactNode;
  getKey: (item: T) => string;
  gap?: number;
  hasMore?: boolean;
  onMore?: () => void;
  isLoadingMore?: boolean;
  /** By default the page's main element. Keep the function the same between renders. */
  getScrollElement?: () => HTMLElement | null;
  /** Needed where a page has several lists. */
  name?: string;
  /** What is listed, for screen readers. */
  label?: string;
  className?: string;
}

/** A list of any length that draws what is in sight. */
export function VirtualList<T>({
  items,
  estimateSize,
  renderItem,
  getKey,
  gap = 0,
  hasMore = false,
  onMore,
  isLoadingMore = false,
  getScrollElement,
  name,
  label,
  className,
}: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const keyAt = (index: number) => {
    const item = items[index];
    return item === undefined ? `missing ${index}` : getKey(item);
  };
  const { rows, margin } = useVirtualRows({
    list,
    count: items.length,
    estimateSize,
    gap,
    getRowKey: keyAt,
    getScrollElement,
    name,
  });
  const shown = rows.getVirtualItems();
  const isNearEnd = items.length > 0 && (shown.at(-1)?.index ?? 0) >= items.length - 5;
  const needsButton = useMore({ isNearEnd, endKey: keyAt(items.length - 1), hasMore, isLoadingMore, onMore });

  return (
    <div className={className}>
      <div
        ref={list}
        role="list"
        aria-label={label}
        className="relative w-full"
        style={{ height: rows.getTotalSize() }}
      >
        {shown.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <div
              key={row.key}
              ref={rows.measureElement}
              role="listitem"
              data-index={row.index}
              aria-setsize={hasMore ? -1 : items.length}
              aria-posinset={row.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${row.start - margin}px)` }}
            >
              {renderItem(item, row.index)}
            </div>
          );
        })}
      </div>
      {(hasMore || isLoadingMore) && <LoadMore isLoading={isLoadingMore} needsButton={needsButton} onMore={onMore} />}
    </div>
  );
}
