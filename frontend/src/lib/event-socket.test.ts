import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { EventSocket } from "@/lib/event-socket";

/** The other end of the line, by hand. */
class Line {
  static all: Line[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    Line.all.push(this);
  }
  close() {
    this.onclose?.({ code: 1000 });
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  cut(code: number) {
    this.onclose?.({ code });
  }
}

const WELCOME = { type: "welcome", heartbeat_seconds: 15, last_event_id: "7-0" };
const line = (index: number) => {
  const found = Line.all[index];
  if (!found) throw new Error(`no connection ${index}`);
  return found;
};

describe("the line to the events", () => {
  const options = {
    url: "ws://x/v1/ws",
    topics: ["alerts" as const],
    onGap: vi.fn(),
    onNoLogin: vi.fn(async () => true),
    onState: vi.fn(),
  };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", Line);
    Line.all = [];
  });
  afterEach(() => vi.unstubAllGlobals());

  it("comes back after a cut and goes on after the last event it had", async () => {
    const socket = new EventSocket(options);
    const heard: string[] = [];
    socket.subscribe("alerts", ({ id }) => heard.push(id));
    socket.connect();
    line(0).say(WELCOME);
    line(0).say({ type: "event", id: "8-0", topic: "alerts", data: { id: "a1" } });
    line(0).cut(1012);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(line(1).url).toBe("ws://x/v1/ws?topics=alerts&last_event_id=8-0");
    expect(heard).toEqual(["a1"]);
    socket.disconnect();
  });

  it("takes silence for a dead line", async () => {
    const socket = new EventSocket(options);
    socket.connect();
    line(0).say(WELCOME);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(Line.all.length).toBeGreaterThan(1);
    socket.disconnect();
  });

  it("asks for a new login once the old one ended, and stays away where there is none", async () => {
    const socket = new EventSocket({ ...options, onNoLogin: async () => false });
    socket.connect();
    line(0).cut(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.all).toHaveLength(1);
    expect(options.onState).toHaveBeenLastCalledWith("closed");
  });

  it("does not come back after it was told to stop", async () => {
    const socket = new EventSocket(options);
    socket.connect();
    socket.disconnect();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.all).toHaveLength(1);
  });

  it("reads everything again where it lost the line before it knew any event", async () => {
    const onGap = vi.fn();
    const socket = new EventSocket({ ...options, onGap });
    socket.connect();
    line(0).say({ ...WELCOME, last_event_id: null });
    expect(onGap).not.toHaveBeenCalled();
    line(0).cut(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    line(1).say({ ...WELCOME, last_event_id: "9-0" });
    expect(onGap).toHaveBeenCalledTimes(1);
    socket.disconnect();
  });

  it("begins anew where the server does not know the event it had", async () => {
    const onGap = vi.fn();
    const socket = new EventSocket({ ...options, onGap });
    socket.connect();
    line(0).say(WELCOME);
    line(0).cut(4400);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(line(1).url).toBe("ws://x/v1/ws?topics=alerts");
    line(1).say(WELCOME);
    expect(onGap).toHaveBeenCalledTimes(1);
    socket.disconnect();
  });

  it("waits no longer once the server is known to answer, and never has two lines", async () => {
    const socket = new EventSocket(options);
    socket.connect();
    for (let index = 0; index < 6; index += 1) {
      line(index).cut(1006);
      socket.hurry();
      expect(Line.all).toHaveLength(index + 2);
      socket.hurry();
      expect(Line.all).toHaveLength(index + 2);
    }
    socket.disconnect();
    socket.hurry();
    expect(Line.all).toHaveLength(7);
  });
});
