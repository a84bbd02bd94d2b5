import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { AlertOut, CameraOut } from "@/client/types.gen";
import { LiveCache, matches } from "@/lib/live-cache";

const alert = (change: Partial<AlertOut> = {}) =>
  ({
    id: "a1",
    status: "new",
    severity: "high",
    camera_id: "c1",
    created_at: "2026-11-23T10:00:00Z",
    ...change,
  }) as AlertOut;

const key = (id: string, rest: object = {}) => [{ _id: id, ...rest }];

describe("a list with filters", () => {
  it.each([
    [{}, true],
    [{ status: ["new"], limit: 50, sort: "-created_at" }, true],
    [{ status: ["resolved"] }, false],
    [{ camera_id: "c1", since: "2026-11-23T09:00:00Z" }, true],
    [{ until: "2026-11-23T10:00:00Z" }, false],
    [{ group_id: "g1" }, undefined],
    [{ group_id: "g1", status: ["resolved"] }, false],
  ])("%o shows the record: %s", (filters, shown) => {
    expect(matches(filters, { ...alert() })).toBe(shown);
  });
});

describe("what an event changes in the cache", () => {
  let client: QueryClient;
  let cache: LiveCache;

  beforeEach(() => {
    vi.useFakeTimers();
    client = new QueryClient();
    cache = new LiveCache(client);
  });

  const ids = (queryKey: unknown[]) =>
    client.getQueryData<{ items: { id: string }[] }>(queryKey)?.items.map(({ id }) => id);

  it("puts a new alert on top of the lists that show it, and nowhere else", () => {
    const open = key("listAlerts", { query: { status: ["new"] } });
    const closed = key("listAlerts", { query: { status: ["resolved"] } });
    client.setQueryData(open, { items: [alert({ id: "a0" })], next: null });
    client.setQueryData(closed, { items: [], next: null });
    cache.apply("alerts", alert());
    expect(ids(open)).toEqual(["a1", "a0"]);
    expect(ids(closed)).toEqual([]);
  });

  it("takes an alert off a list that it left, and changes it where it stays", () => {
    const open = key("listAlerts", { query: { status: ["new"] } });
    const every = key("listAlerts");
    for (const one of [open, every]) client.setQueryData(one, { items: [alert()], next: null });
    cache.apply("alerts", alert({ status: "resolved" }));
    expect(ids(open)).toEqual([]);
    expect(client.getQueryData<{ items: AlertOut[] }>(every)?.items[0]?.status).toBe("resolved");
  });

  it("reads a list in another order again, for only the server knows where a new record belongs in it", async () => {
    const asked = vi.fn<() => { items: { id: string }[] }>(() => ({ items: [{ id: "a1" }, { id: "a0" }] }));
    const byName = key("listCameras", { query: { sort: "name" } });
    client.setQueryData(byName, { items: [{ id: "a0" }] });
    const observer = new QueryObserver(client, { queryKey: byName, queryFn: asked, staleTime: Infinity });
    const leave = observer.subscribe(() => undefined);
    cache.apply("cameras", { id: "a1", name: "Annex" } as CameraOut);
    expect(ids(byName)).toEqual(["a0"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveBeenCalledOnce();
    leave();
  });

  it("knows pages that were loaded one after another", () => {
    const list = key("listAlerts", { _infinite: true });
    client.setQueryData(list, {
      pages: [{ items: [alert({ id: "a2" })] }, { items: [alert()] }],
      pageParams: [null, "x"],
    });
    cache.apply("alerts", alert({ severity: "low" }));
    const found = client.getQueryData<{ pages: { items: AlertOut[] }[] }>(list);
    expect(found?.pages.map((page) => page.items.map((item) => item.severity))).toEqual([["high"], ["low"]]);
  });

  it("keeps a short list as short as it was asked for, however long somebody sits before it", () => {
    const latest = key("listAlerts", { query: { limit: 2 } });
    const every = key("listAlerts", { _infinite: true, query: { limit: 2 } });
    client.setQueryData(latest, { items: [alert({ id: "a2" }), alert()], next: null });
    client.setQueryData(every, { pages: [{ items: [alert({ id: "a2" }), alert()] }], pageParams: [null] });
    cache.apply("alerts", alert({ id: "a3" }));
    expect(ids(latest)).toEqual(["a3", "a2"]);
    expect(client.getQueryData<{ pages: { items: AlertOut[] }[] }>(every)?.pages[0]?.items).toHaveLength(3);
  });

  it("keeps a picture's link where an event brings none", () => {
    const list = key("listSightings");
    client.setQueryData(list, { items: [{ id: "s1", image_url: "/v1/media?x", subject_id: null }], next: null });
    cache.apply("detections", { id: "s1", image_url: null, subject_id: "p1" } as never);
    expect(client.getQueryData(list)).toMatchObject({ items: [{ image_url: "/v1/media?x", subject_id: "p1" }] });
  });

  it("reads counts again once, however many events come", () => {
    const asked = vi.spyOn(client, "invalidateQueries");
    client.setQueryData(key("countAlerts"), { new: 1 });
    for (let n = 0; n < 20; n += 1) cache.apply("alerts", alert({ id: `a${n}` }));
    expect(asked).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it("reads again only the record that an event is about: that one looks goes on record", async () => {
    const read = vi.fn((id: string) => ({ id }));
    const open = ["a1", "a2"].map((id) =>
      new QueryObserver(client, {
        queryKey: key("getAlert", { path: { alert_id: id } }),
        queryFn: () => read(id),
      }).subscribe(() => undefined),
    );
    await vi.advanceTimersByTimeAsync(0);
    read.mockClear();
    cache.apply("alerts", alert());
    await vi.advanceTimersByTimeAsync(2_000);
    expect(read.mock.calls).toEqual([["a1"]]);
    for (const close of open) close();
  });

  it("changes one record that is open", () => {
    const one = key("getCamera", { path: { camera_id: "c1" } });
    client.setQueryData(one, { id: "c1", status: "active", name: "Door" });
    cache.apply("cameras", { id: "c1", status: "error" } as CameraOut);
    expect(client.getQueryData(one)).toEqual({ id: "c1", status: "error", name: "Door" });
  });

  it("shows the first event at once, and a thousand that follow it together", async () => {
    const every = key("listAlerts");
    client.setQueryData(every, { items: [], next: null });
    cache.apply("alerts", alert({ id: "first" }));
    expect(ids(every)).toEqual(["first"]);
    for (let index = 0; index < 1_000; index += 1) cache.apply("alerts", alert({ id: `a${index}` }));
    expect(ids(every)).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60);
    expect(ids(every)).toHaveLength(1_001);
    expect(ids(every)?.[0]).toBe("a999");
  });
});
