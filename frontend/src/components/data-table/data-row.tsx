import { memo, type KeyboardEvent, type MouseEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { Checkbox } from "@/components/ui/checkbox";
import { TableCell, TableRow } from "@/components/ui/table";
import { cn } from "@/lib/utils";

import type { Column } from "./data-table";

/** What a table does when something happens in one of its rows. */
export interface RowActions<T> {
  focus: (row: T) => void;
  press: (event: KeyboardEvent<HTMLTableRowElement>, row: T) => void;
  click: (event: MouseEvent<HTMLTableRowElement>, row: T) => void;
  toggle: (row: T, withShift: boolean) => void;
}

interface Props<T> {
  row: T;
  label: string;
  columns: Column<T>[];
  tabIndex: number | undefined;
  hasSelection: boolean;
  isSelected: boolean;
  isOpenable: boolean;
  /** Those of now: a row is not drawn anew because the table was. */
  actions: RefObject<RowActions<T>>;
}

function Row<T>({ row, label, columns, tabIndex, hasSelection, isSelected, isOpenable, actions }: Props<T>) {
  const { t } = useTranslation("kit");
  return (
    <TableRow
      tabIndex={tabIndex}
      data-state={isSelected ? "selected" : undefined}
      className={cn(
        "scroll-mt-10 focus-visible:outline-2! focus-visible:-outline-offset-2 focus-visible:outline-ring!",
        isOpenable && "cursor-pointer",
      )}
      onFocus={() => actions.current.focus(row)}
      onKeyDown={(event) => actions.current.press(event, row)}
      onClick={(event) => actions.current.click(event, row)}
    >
      {hasSelection && (
        <TableCell className="w-9 pe-0" data-no-row-click>
          <Checkbox
            className="block"
            aria-label={t("table.select", { name: label })}
            checked={isSelected}
            onClick={(event) => actions.current.toggle(row, event.shiftKey)}
          />
        </TableCell>
      )}
      {columns.map((column) => (
        <TableCell key={column.id} className={cn(column.hideOnPhone && "max-md:hidden", column.className)}>
          {column.cell(row)}
        </TableCell>
      ))}
    </TableRow>
  );
}

/** A row of a table, drawn anew when something of it changes. */
export const DataRow = memo(Row) as typeof Row;
