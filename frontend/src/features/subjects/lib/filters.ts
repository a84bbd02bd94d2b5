import { z } from "zod";

import type { ListSubjectsData } from "@/client/types.gen";

export const SORTS = ["name", "-last_seen_at", "-created_at"] as const;

export const address = z.object({
  q: z.string().default(""),
  watchlist: z.number().int().positive().optional(),
  status: z.enum(["active", "inactive"]).optional(),
  alerts: z.boolean().optional(),
  pictures: z.boolean().optional(),
  sort: z.enum(SORTS).default("name"),
  view: z.enum(["grid", "list"]).default("grid"),
  /** Of an import that is being looked at. */
  import: z.uuid().optional(),
  /** An erasure whose receipt is shown. */
  receipt: z.uuid().optional(),
});
export type Address = z.output<typeof address>;

/** What the API is asked for; while somebody types, the closest come first. */
export function queryOf({
  q,
  watchlist,
  status,
  alerts,
  pictures,
  sort,
}: Address): NonNullable<ListSubjectsData["query"]> {
  const typed = q.trim();
  return {
    ...(typed && { q: typed }),
    ...(watchlist !== undefined && { watchlist_id: watchlist }),
    ...(status && { status }),
    ...(alerts !== undefined && { alert_on_match: alerts }),
    ...(pictures !== undefined && { has_images: pictures }),
    sort: typed ? "-relevance" : sort,
  };
}
