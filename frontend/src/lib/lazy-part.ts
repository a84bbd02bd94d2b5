import { lazy, type ComponentType, type LazyExoticComponent } from "react";

import { onReached } from "@/lib/reach";
import { makeSignal } from "@/lib/signal";

const AGAIN_MS = 5_000;
const signal = makeSignal();

/** Hear when a part of the interface could not be fetched: the server is away, or has another version by now. */
export const onPartMissing = signal.listen;

/** As React.lazy, but a part that cannot be fetched takes nothing else with it: it is waited for. */
export function lazyPart<P>(load: () => Promise<{ default: ComponentType<P> }>): LazyExoticComponent<ComponentType<P>> {
  return lazy(() => untilThere(load));
}

/** What load gives, as soon as it gives it. */
export async function untilThere<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch (failure) {
      console.warn("a part of the page is not there yet", failure);
      signal.send();
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(go, AGAIN_MS);
    const stop = onReached(go);
  });
}
