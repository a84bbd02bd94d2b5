import type { KeyboardEvent } from "react";

/** Arrow keys, Home and End go from row to row. Returns whether the key was one of them. */
export function moveFocus(event: KeyboardEvent<HTMLTableRowElement>): boolean {
  const rows = [...(event.currentTarget.parentElement?.children ?? [])].filter(
    (row): row is HTMLTableRowElement => row instanceof HTMLTableRowElement && row.tabIndex >= -1,
  );
  const at = rows.indexOf(event.currentTarget);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined) return false;
  event.preventDefault();
  rows[to]?.focus();
  return true;
}

/** Whether something inside a row is meant: a link, a button, a field, or text that is being marked. */
export function isForInside(target: EventTarget, row: HTMLElement): boolean {
  if (!(target instanceof Element)) return false;
  const inner = target.closest("a, button, input, select, textarea, label, summary, [role], [data-no-row-click]");
  return (inner !== null && inner !== row && row.contains(inner)) || !row.contains(target);
}

/** The rows between two, both included; in whichever order. */
export function between(ids: string[], from: string, to: string): string[] {
  const [first, last] = [ids.indexOf(from), ids.indexOf(to)].toSorted((a, b) => a - b);
  return first === undefined || last === undefined || first < 0 ? [to] : ids.slice(first, last + 1);
}
