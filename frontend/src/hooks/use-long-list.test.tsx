import type { PropsWithChildren } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { useLongList } from "./use-long-list";

interface Item {
  id: string;
  at: number;
  note: string;
}

const KEY = [{ _id: "listThings", _infinite: true }];
const SIZE = 200;
const newerFirst = (one: Item, other: Item) => other.at - one.at;

/** A server with as many records as a test wants, newest first, 200 to a page; a cursor names the last one read. */
class Server {
  items: Item[] = [];

  readonly read = vi.fn((cursor?: string) => {
    const rest = cursor === undefined ? this.items : this.items.filter(({ at }) => at < Number(cursor));
    const items = rest.slice(0, SIZE).map((item) => ({ ...item }));
    return Promise.resolve({ items, next: rest.length > SIZE ? String(items.at(-1)?.at) : null });
  });

  add(count: number) {
    const newest = this.items[0]?.at ?? 0;
    const fresh = Array.from({ length: count }, (_, n) => ({ id: `s${newest + n + 1}`, at: newest + n + 1, note: "" }));
    this.items = [...fresh.toReversed(), ...this.items];
  }
}

let server: Server;
let client: QueryClient;

beforeEach(() => {
  server = new Server();
  client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
});

async function loaded(pages: number) {
  const wrapper = ({ children }: PropsWithChildren) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const list = renderHook(() => useLongList<Item>({ queryKey: KEY, read: server.read, compare: newerFirst }), {
    wrapper,
  });
  await waitFor(() => expect(list.result.current.rows.length).toBeGreaterThan(0));
  for (let page = 2; page <= pages; page += 1) {
    act(() => list.result.current.more());
    await waitFor(() => expect(list.result.current.rows).toHaveLength(Math.min(page * SIZE, server.items.length)));
  }
  server.read.mockClear();
  return list.result;
}

const shown = (list: { current: { rows: { ids: () => string[] } } }) => list.current.rows.ids();
const all = () => server.items.map(({ id }) => id);

test("after events were missed, new ones are read from the top until they meet what is there", async () => {
  server.add(3_000);
  const list = await loaded(15);
  server.add(250);
  await act(() => client.invalidateQueries({ queryKey: KEY }));
  // Two with new ones, and what is left of the first page of before.
  expect(server.read).toHaveBeenCalledTimes(3);
  await waitFor(() => expect(shown(list)).toEqual(all()));
});

test("a far page is marked, and read again when somebody looks at it", async () => {
  server.add(1_000);
  const list = await loaded(5);
  const far = server.items[700];
  if (!far) throw new Error("no such record");
  far.note = "changed";
  await act(() => client.invalidateQueries({ queryKey: KEY }));
  await waitFor(() => expect(list.current.rows.isStale(700)).toBe(true));
  expect(list.current.rows.at(700)?.note).toBe("");
  server.read.mockClear();
  act(() => list.current.stale(far.id));
  await waitFor(() => expect(list.current.rows.at(700)?.note).toBe("changed"));
  expect(server.read).toHaveBeenCalledTimes(1);
  expect([list.current.rows.isStale(700), list.current.rows.isStale(900)]).toEqual([false, true]);
});

test("records that are gone, and such as came late among old ones, are right once they are looked at", async () => {
  server.add(1_000);
  const list = await loaded(5);
  const late = Array.from({ length: 300 }, (_, n) => ({ id: `late${n}`, at: 500 + (n + 1) / 1_000, note: "" }));
  server.items = server.items
    .filter(({ at }) => at < 520 || at > 560)
    .concat(late)
    .toSorted(newerFirst);
  for (const id of shown(list).filter((_, index) => index % 200 === 100)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as somebody scrolls
    await act(async () => {
      list.current.stale(id);
      await Promise.resolve();
    });
    await waitFor(() => expect(server.read.mock.results.length).toBeGreaterThan(0));
    await act(() => Promise.all(server.read.mock.results.map(({ value }) => value as Promise<unknown>)));
  }
  await waitFor(() => expect(shown(list)).toEqual(all()));
});

test("a first page crowded by events is parted again, and nothing that was loaded is lost", async () => {
  server.add(1_000);
  const list = await loaded(5);
  server.add(700);
  const fresh = server.items.slice(0, 700);
  act(() => {
    client.setQueryData<{ pages: { items: Item[]; next: string }[]; pageParams: unknown[] }>(KEY, (old) => {
      const [first, ...others] = old?.pages ?? [];
      if (!old || !first) return old;
      return { ...old, pages: [{ ...first, items: [...fresh, ...first.items] }, ...others] };
    });
  });
  const sizes = () => client.getQueryData<{ pages: { items: Item[] }[] }>(KEY)?.pages.map(({ items }) => items.length);
  await waitFor(() => expect(sizes()?.[0]).toBe(SIZE));
  expect(shown(list)).toEqual(all());
});

test("what an event brings while the first page is read again is not lost", async () => {
  server.add(400);
  const list = await loaded(2);
  const { read } = server;
  let answer: (value: Awaited<ReturnType<typeof read>>) => void = () => undefined;
  const old = await read();
  read.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
  act(() => list.current.stale("s400"));
  act(() => {
    client.setQueryData<{ pages: { items: Item[] }[]; pageParams: unknown[] }>(KEY, (held) => {
      const [first, ...others] = held?.pages ?? [];
      if (!held || !first) return held;
      const items = first.items.map((item) => (item.id === "s399" ? { ...item, note: "by an event" } : item));
      return { ...held, pages: [{ ...first, items: [{ id: "s401", at: 401, note: "" }, ...items] }, ...others] };
    });
  });
  await act(async () => answer(old));
  await waitFor(() => expect(list.current.isFetching).toBe(false));
  expect(shown(list).slice(0, 3)).toEqual(["s401", "s400", "s399"]);
  expect(list.current.rows.at(2)?.note).toBe("by an event");
  expect(list.current.rows).toHaveLength(401);
});

test("a page that cannot be read again stays as it was", async () => {
  server.add(400);
  const list = await loaded(2);
  server.read.mockRejectedValueOnce(new Error("away"));
  await act(async () => list.current.stale("s100"));
  expect(shown(list)).toEqual(all());
});
