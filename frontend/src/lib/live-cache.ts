import { notifyManager, type InfiniteData, type QueryClient } from "@tanstack/react-query";

import type { Records, Topic } from "@/lib/event-socket";
import { holds, withItems } from "@/lib/packed-page";
import { operationOf } from "@/lib/query";

/** Which operations show a topic's records: one, in lists, and counted. */
const SHOWN: Record<Topic, { one: string; path: string; lists: string[]; counts: string[] }> = {
  detections: { one: "getSighting", path: "sighting_id", lists: ["listSightings"], counts: ["getDashboard"] },
  recognitions: { one: "getSighting", path: "sighting_id", lists: ["listSightings"], counts: [] },
  alerts: { one: "getAlert", path: "alert_id", lists: ["listAlerts"], counts: ["countAlerts", "getDashboard"] },
  cameras: { one: "getCamera", path: "camera_id", lists: ["listCameras"], counts: ["getDashboard"] },
  jobs: { one: "getJob", path: "job_id", lists: ["listJobs"], counts: [] },
};
/** Counts are read again at most this often, however many events come. */
const COUNT_AGAIN_MS = 1_000;
/** An event that comes alone is shown at once; those that follow it within this together, drawn once. */
const TOGETHER_MS = 50;

type Row = { id: string } & Record<string, unknown>;
interface PageOfRows {
  items: Row[];
}

function isInfinite(data: PageOfRows | InfiniteData<PageOfRows>): data is InfiniteData<PageOfRows> {
  return "pages" in data;
}

const PAGING = new Set(["limit", "cursor", "sort", "total"]);
/** Newest first is what lists of these show by default. */
const NEWEST_FIRST = new Set(["", "-created_at", "-detected_at"]);

/** Put a record that is new or changed into everything that shows it, at once; read again what cannot be patched. */
export class LiveCache {
  private readonly due = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: (() => void)[] | null = null;

  constructor(private readonly client: QueryClient) {}

  apply<T extends Topic>(topic: T, record: Records[T]): void {
    if (this.waiting) {
      this.waiting.push(() => this.patch(topic, record));
      return;
    }
    this.patch(topic, record);
    this.collect();
  }

  private collect(): void {
    this.waiting = [];
    setTimeout(() => {
      const together = this.waiting ?? [];
      this.waiting = null;
      if (together.length === 0) return;
      notifyManager.batch(() => {
        for (const patch of together) patch();
      });
      this.collect();
    }, TOGETHER_MS);
  }

  private patch<T extends Topic>(topic: T, record: Records[T]): void {
    const shown = SHOWN[topic];
    const row = record as unknown as Row;
    for (const query of this.client.getQueryCache().findAll()) {
      const operation = operationOf(query.queryKey);
      if (!operation) continue;
      if (operation._id === shown.one && operation.path?.[shown.path] === row.id) this.patchOne(query.queryKey, row);
      else if (shown.lists.includes(operation._id)) this.patchList(query.queryKey, operation.query ?? {}, row);
    }
    for (const count of shown.counts) this.readAgain(count);
    // This record only: that one looks at a person goes on record each time.
    if (topic !== "jobs") this.readAgain(shown.one, row.id);
  }

  /** Events were missed: everything that lives by them is read again, of long lists their beginning and what is in sight. */
  gap(): void {
    for (const { one, lists, counts } of Object.values(SHOWN))
      for (const operation of [one, ...lists, ...counts]) this.readAgain(operation);
  }

  private patchOne(key: readonly unknown[], row: Row): void {
    this.client.setQueryData<Row>(key, (old) => (old ? { ...old, ...present(row) } : old));
  }

  private patchList(key: readonly unknown[], filters: Record<string, unknown>, row: Row): void {
    const fits = matches(filters, row);
    let known = false;
    this.client.setQueryData<PageOfRows | InfiniteData<PageOfRows>>(key, (old) => {
      if (!old) return old;
      const pages: PageOfRows[] = isInfinite(old) ? old.pages : [old];
      known = pages.some((page) => holds(page, row.id));
      const next = known ? pages.map((page) => replaced(page, row, fits)) : added(pages, filters, row, fits);
      if (next === pages) return old;
      return isInfinite(old) ? { ...old, pages: next } : shortened(next[0] ?? old, filters.limit);
    });
    // Where it belongs in a list in another order only the server knows.
    if (!known && fits !== false && (fits === undefined || !NEWEST_FIRST.has(String(filters.sort ?? ""))))
      this.readAgain(operationOf(key)?._id ?? "");
  }

  /** All answers of an operation, or those about one record. */
  private readAgain(operation: string, recordId?: string): void {
    this.due.add(recordId === undefined ? operation : `${operation} ${recordId}`);
    this.timer ??= setTimeout(() => {
      const due = new Set(this.due);
      this.due.clear();
      this.timer = undefined;
      void this.client.invalidateQueries({
        predicate: ({ queryKey }) => {
          const { _id = "", path = {} } = operationOf(queryKey) ?? {};
          return due.has(_id) || Object.values(path).some((id) => due.has(`${_id} ${String(id)}`));
        },
      });
    }, COUNT_AGAIN_MS);
  }
}

/** Links to pictures may be missing in an event; those that were read before stay good. */
function present(row: Row): Partial<Row> {
  return Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null || !name.endsWith("_url")));
}

function replaced(page: PageOfRows, row: Row, fits: boolean | undefined): PageOfRows {
  if (!holds(page, row.id)) return page;
  const items =
    fits === false
      ? page.items.filter((item) => item.id !== row.id)
      : page.items.map((item) => (item.id === row.id ? { ...item, ...present(row) } : item));
  return withItems(page, items);
}

function added(pages: PageOfRows[], filters: Record<string, unknown>, row: Row, fits: boolean | undefined) {
  const [first, ...rest] = pages;
  if (!fits || !first || filters.cursor || !NEWEST_FIRST.has(String(filters.sort ?? ""))) return pages;
  return [{ ...first, items: [row, ...first.items] }, ...rest];
}

/** The latest few stay few, also for somebody who sits before them all day. */
function shortened(page: PageOfRows, limit: unknown): PageOfRows {
  return typeof limit === "number" && page.items.length > limit ? { ...page, items: page.items.slice(0, limit) } : page;
}

/** Whether a list with these filters shows the record; undefined where only the server can say. */
export function matches(filters: Record<string, unknown>, row: Record<string, unknown>): boolean | undefined {
  let sure: boolean | undefined = true;
  for (const [name, wanted] of Object.entries(filters)) {
    if (PAGING.has(name) || wanted === undefined || wanted === null) continue;
    const fits = passes(name, wanted, row);
    if (fits === false) return false;
    if (fits === undefined) sure = undefined;
  }
  return sure;
}

function passes(name: string, wanted: unknown, row: Record<string, unknown>): boolean | undefined {
  const moment = row.detected_at ?? row.created_at;
  if (name === "since" && typeof moment === "string") return Date.parse(moment) >= Date.parse(String(wanted));
  if (name === "until" && typeof moment === "string") return Date.parse(moment) < Date.parse(String(wanted));
  if (name === "known") return (row.subject_id !== null) === wanted;
  if (name === "open") return (row.closed_at === null) === wanted;
  if (name === "min_similarity") return Number(row.similarity ?? -1) >= Number(wanted);
  if (name === "min_quality") return Number(row.quality ?? 0) >= Number(wanted);
  if (!(name in row)) return undefined;
  return Array.isArray(wanted) ? wanted.includes(row[name]) : row[name] === wanted;
}
