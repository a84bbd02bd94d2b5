/** A call from anywhere to a component that there is once, such as the command palette. */
export function makeSignal(): { send: () => void; listen: (listener: () => void) => () => void } {
  const listeners = new Set<() => void>();
  return {
    send: () => {
      for (const listener of listeners) listener();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
