import { useRef } from "react";

import { between } from "./keys";

export interface TableSelection {
  selected: Set<string>;
  onChange: (selected: Set<string>) => void;
}

/** Choosing rows one by one, all that are shown, or with Shift a stretch of them. */
export function useSelection(ids: string[], selection: TableSelection | undefined) {
  const last = useRef<string | null>(null);
  const chosen = ids.filter((id) => selection?.selected.has(id)).length;
  const state: boolean | "indeterminate" = chosen === 0 ? false : chosen === ids.length ? true : "indeterminate";

  function toggle(id: string, withShift: boolean) {
    if (!selection) return;
    const next = new Set(selection.selected);
    const adds = !next.has(id);
    for (const one of withShift && last.current ? between(ids, last.current, id) : [id]) {
      if (adds) next.add(one);
      else next.delete(one);
    }
    last.current = id;
    selection.onChange(next);
  }

  function toggleAll() {
    if (!selection) return;
    const next = new Set(selection.selected);
    for (const id of ids) {
      if (state === true) next.delete(id);
      else next.add(id);
    }
    selection.onChange(next);
  }

  return { state, toggle, toggleAll };
}
