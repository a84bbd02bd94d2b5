import {
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
} from "react";
import { useTranslation } from "react-i18next";

import { Checkbox } from "@/components/ui/checkbox";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { cn } from "@/lib/utils";

import { ColumnHead, HEAD } from "./column-head";
import { DataRow, type RowActions } from "./data-row";
import { isForInside, moveFocus } from "./keys";
import { useSelection, type TableSelection } from "./use-selection";

export interface Sort {
  key: string;
  direction: "asc" | "desc";
}

export interface Column<T> {
  id: string;
  header: ReactNode;
  cell: (row: T) => ReactNode;
  /** Given where one may sort by it. */
  sortKey?: string;
  className?: string;
  hideOnPhone?: boolean;
}

interface Props<T> {
  columns: Column<T>[];
  rows: T[];
  getRowId: (row: T) => string;
  /** What a row is called, for its checkbox. */
  getRowLabel?: (row: T) => string;
  sort?: Sort;
  onSortChange?: (sort: Sort) => void;
  selection?: TableSelection;
  onRowOpen?: (row: T) => void;
  /** Says to screen readers what the table shows. */
  caption: string;
  isLoading?: boolean;
  /** Rows of the skeleton: as many as are likely to come. */
  skeletonRows?: number;
  /** What scrolls: the page below a head that stays (from 1024 px on), or the table in a height given by className. */
  scroll?: "page" | "inside";
  className?: string;
}

/**
 * One row is in the order of tabs; arrows go from row to row, Enter opens, Space chooses. What stands inside a row
 * keeps its own keys.
 */
export function DataTable<T>({
  columns,
  rows,
  getRowId,
  getRowLabel = getRowId,
  sort,
  onSortChange,
  selection,
  onRowOpen,
  caption,
  isLoading = false,
  skeletonRows = 8,
  scroll = "page",
  className,
}: Props<T>) {
  const { t } = useTranslation("kit");
  const ids = rows.map(getRowId);
  const { state, toggle, toggleAll } = useSelection(ids, selection);
  const [current, setCurrent] = useState<string | null>(null);
  const isActive = Boolean(onRowOpen || selection);
  const inTabOrder = current !== null && ids.includes(current) ? current : ids[0];

  function press(event: KeyboardEvent<HTMLTableRowElement>, row: T) {
    if (event.target !== event.currentTarget || moveFocus(event)) return;
    if (event.key === "Enter" && onRowOpen) onRowOpen(row);
    else if (event.key === " " && selection) toggle(getRowId(row), event.shiftKey);
    else return;
    event.preventDefault();
  }

  function click(event: MouseEvent<HTMLTableRowElement>, row: T) {
    if (!onRowOpen || isForInside(event.target, event.currentTarget) || window.getSelection()?.toString()) return;
    onRowOpen(row);
  }

  const actions = useLatest<RowActions<T>>({
    focus: (row) => setCurrent(getRowId(row)),
    press,
    click,
    toggle: (row, withShift) => toggle(getRowId(row), withShift),
  });

  return (
    <Table
      containerClassName={cn(
        "rounded-lg border bg-card",
        scroll === "page" ? "lg:overflow-visible" : "overflow-auto",
        className,
      )}
      aria-busy={isLoading}
      className={cn(isLoading && rows.length > 0 && "opacity-60")}
    >
      <caption className="sr-only">{caption}</caption>
      <TableHeader>
        <TableRow className="hover:bg-transparent">
          {selection && (
            <TableHead className={cn(HEAD, "w-9 pe-0")}>
              <Checkbox
                className="block"
                aria-label={t("table.selectAll")}
                checked={state}
                onCheckedChange={toggleAll}
                disabled={rows.length === 0}
              />
            </TableHead>
          )}
          {columns.map((column) => (
            <ColumnHead key={column.id} column={column} sort={sort} onSortChange={onSortChange} />
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {isLoading && rows.length === 0 && (
          <SkeletonRows columns={columns} count={skeletonRows} hasSelection={Boolean(selection)} />
        )}
        {rows.map((row) => {
          const id = getRowId(row);
          return (
            <DataRow
              key={id}
              row={row}
              label={getRowLabel(row)}
              columns={columns}
              tabIndex={isActive ? (id === inTabOrder ? 0 : -1) : undefined}
              hasSelection={selection !== undefined}
              isSelected={selection?.selected.has(id) ?? false}
              isOpenable={onRowOpen !== undefined}
              actions={actions}
            />
          );
        })}
      </TableBody>
    </Table>
  );
}

function useLatest<V>(value: V): RefObject<V> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}

function SkeletonRows<T>({
  columns,
  count,
  hasSelection,
}: {
  columns: Column<T>[];
  count: number;
  hasSelection: boolean;
}) {
  return Array.from({ length: count }, (_, index) => (
    <TableRow key={index} className="hover:bg-transparent">
      {hasSelection && <TableCell className="w-9 pe-0" />}
      {columns.map((column) => (
        <TableCell key={column.id} className={cn(column.hideOnPhone && "max-md:hidden", column.className)}>
          <Skeleton className="h-4 w-full max-w-32" />
        </TableCell>
      ))}
    </TableRow>
  ));
}
