import { useEffect, useId } from "react";
import { useHotkeys } from "react-hotkeys-hook";

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
 * keys: as react-hotkeys-hook has them, such as "j", "shift+a", "mod+k". */
export function useShortcut(keys: string, description: string, handler: () => void, enabled = true): void {
  const id = useId();
  // Where ? is, and with which modifier, differs between keyboards.
  const ignoreModifiers = /^[^\w+]$/.test(keys);
  useHotkeys(keys, handler, { enabled, preventDefault: true, useKey: true, ignoreModifiers }, [handler, enabled]);
  useEffect(() => {
    if (!enabled) return;
    change([...shortcuts, { id, keys, description }]);
    return () => change(shortcuts.filter((one) => one.id !== id));
  }, [id, keys, description, enabled]);
}
