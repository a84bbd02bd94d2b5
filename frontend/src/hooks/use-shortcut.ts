import { useEffect, useId } from "react";
import { useHotkeys } from "react-hotkeys-hook";

import { isPressed } from "@/lib/keys";

export interface Shortcut {
  id: string;
  keys: string;
  description: string;
}

let shortcuts: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]): void {
  shortcuts = next;
  for (const listener of listeners) listener();
}

export const shortcutStore = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get: () => shortcuts,
};

/** A key of this view, listed in the help (?) as long as the view is there. Not while somebody types.
 * keys: such as "j", "shift+a", "mod+k", on keyboards of any script. */
export function useShortcut(keys: string, description: string, handler: () => void, enabled = true): void {
  const id = useId();
  const ignoreEventWhen = (event: KeyboardEvent) => !isPressed(keys, event);
  useHotkeys("*", handler, { enabled, preventDefault: true, ignoreEventWhen }, [handler, enabled]);
  useEffect(() => {
    if (!enabled) return;
    change([...shortcuts, { id, keys, description }]);
    return () => change(shortcuts.filter((one) => one.id !== id));
  }, [id, keys, description, enabled]);
}
