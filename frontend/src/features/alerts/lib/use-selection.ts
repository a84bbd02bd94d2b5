import { useCallback, useState } from "react";

/** Which alerts the next step is for. */
export function useSelection() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const select = useCallback((id: string, isSelected: boolean) => {
    setSelected((old) => {
      const next = new Set(old);
      if (isSelected) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const selectOnly = useCallback((ids: string[]) => setSelected(new Set(ids)), []);
  return { selected, select, selectOnly };
}
