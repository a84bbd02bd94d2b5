import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";

import { TableHead } from "@/components/ui/table";
import { cn } from "@/lib/utils";

import type { Column, Sort } from "./data-table";

/** Stays in sight; draws its own line, for the row's would scroll away. */
export const HEAD =
  "sticky top-0 z-10 bg-card shadow-[inset_0_-1px_0_var(--border)] first-of-type:rounded-ss-lg last-of-type:rounded-se-lg";

interface Props<T> {
  column: Column<T>;
  sort: Sort | undefined;
  onSortChange: ((sort: Sort) => void) | undefined;
}

export function ColumnHead<T>({ column, sort, onSortChange }: Props<T>) {
  const { sortKey, header, hideOnPhone, className } = column;
  const direction = sortKey !== undefined && sort?.key === sortKey ? sort.direction : null;
  const classes = cn(HEAD, hideOnPhone && "max-md:hidden", className);
  if (!sortKey || !onSortChange) return <TableHead className={classes}>{header}</TableHead>;

  const Icon = direction === null ? ChevronsUpDown : direction === "asc" ? ArrowUp : ArrowDown;
  return (
    <TableHead
      className={classes}
      aria-sort={direction === null ? "none" : direction === "asc" ? "ascending" : "descending"}
    >
      <button
        type="button"
        className={cn(
          "-mx-1.5 inline-flex min-h-6 items-center gap-1 rounded-sm px-1.5 hover:text-foreground",
          direction && "text-foreground",
        )}
        onClick={() => onSortChange({ key: sortKey, direction: direction === "asc" ? "desc" : "asc" })}
      >
        {header}
        <Icon aria-hidden className={cn("size-3", !direction && "opacity-50")} />
      </button>
    </TableHead>
  );
}
