import { createContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";

import { renewOrEnd } from "@/contexts/AuthContext";
import { useAuth } from "@/hooks/use-auth";
import { EventSocket, type Connection, type Listener, type Topic } from "@/lib/event-socket";
import { LiveCache } from "@/lib/live-cache";
import { readFailedAgain } from "@/lib/query";
import { missed, onReached, reached } from "@/lib/reach";
import { onSession } from "@/lib/session";

export interface Events {
  state: Connection;
  connect: () => void;
  disconnect: () => void;
  /** Do not wait for the next attempt. */
  hurry: () => void;
  subscribe: <T extends Topic>(topic: T, callback: Listener<T>) => () => void;
}

export const EventsContext = createContext<Events | null>(null);

const TOPICS: Topic[] = ["detections", "recognitions", "alerts", "cameras", "jobs"];

function address(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/ws`;
}

/** One connection per tab: what it tells goes into the query cache first, then to whoever subscribed. */
export function EventsProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const { state: auth, user } = useAuth();
  const [state, setState] = useState<Connection>("closed");

  const socket = useMemo(() => {
    const live = new LiveCache(cache);
    const made = new EventSocket({
      url: address(),
      topics: TOPICS,
      onGap: () => live.gap(),
      onNoLogin: renewOrEnd,
      onState: (next) => {
        if (next === "reconnecting") missed();
        if (next === "open") reached();
        setState(next);
      },
    });
    for (const topic of TOPICS) made.subscribe(topic, (record) => live.apply(topic, record));
    return made;
  }, [cache]);

  const wanted = auth === "authenticated" && user?.must_change_password === false;
  useEffect(() => {
    if (!wanted) return;
    socket.connect();
    return () => socket.disconnect();
  }, [socket, wanted, user?.user_id]);

  useEffect(() => {
    const again = () => socket.reconnect();
    // Its login ends with the token it came with: a renewed one is a new connection, which resumes.
    const stop = onSession((news) => news === "renewed" && again());
    // Without a network the line is dead, or leads to this very machine: trying tells.
    addEventListener("online", again);
    addEventListener("offline", again);
    return () => {
      stop();
      removeEventListener("online", again);
      removeEventListener("offline", again);
    };
  }, [socket]);

  useEffect(() => {
    const stop = onReached(() => {
      socket.hurry();
      void readFailedAgain(cache);
    });
    // Browsers hold up the timers of pages that nobody looks at.
    const look = () => document.hidden || socket.hurry();
    document.addEventListener("visibilitychange", look);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", look);
    };
  }, [cache, socket]);

  const value = useMemo<Events>(
    () => ({
      state,
      connect: () => socket.connect(),
      disconnect: () => socket.disconnect(),
      hurry: () => socket.hurry(),
      subscribe: (topic, callback) => socket.subscribe(topic, callback),
    }),
    [state, socket],
  );
  return <EventsContext value={value}>{children}</EventsContext>;
}
