import { use, useEffect, useEffectEvent } from "react";

import { EventsContext, type Events } from "@/contexts/EventsContext";
import type { Listener, Topic } from "@/lib/event-socket";

/** The tab's connection to /v1/ws. Lists and counts follow events by themselves; this is for whatever else. */
export function useWebSocket(): Events {
  const events = use(EventsContext);
  if (!events) throw new Error("useWebSocket outside of EventsProvider");
  return events;
}

/** Hear of a topic as long as the component is there. */
export function useTopic<T extends Topic>(topic: T, callback: Listener<T>): void {
  const { subscribe } = useWebSocket();
  const told = useEffectEvent(callback);
  useEffect(() => subscribe(topic, (record) => told(record)), [subscribe, topic]);
}
