import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

/** A value that outlives the page, the same in all components and tabs. What `accepts` refuses counts as absent.
 * plain: kept as it is instead of as JSON, for texts that scripts outside of React read. */
export function useLocalStorage<T>(
  key: string,
  initial: T,
  accepts: (value: unknown) => value is T,
  { plain = false }: { plain?: boolean } = {},
): [T, (value: T) => void] {
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key));
  const parsed: unknown = plain ? text : read(text);
  const value = text !== null && accepts(parsed) ? parsed : initial;
  const set = useCallback(
    (next: T) => {
      localStorage.setItem(key, plain ? String(next) : JSON.stringify(next));
      for (const listener of listeners) listener();
    },
    [key, plain],
  );
  return [value, set];
}

function read(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // another version's form, or somebody's hand
  }
}
