import type { SubjectExportIn } from "@/client/types.gen";

import type { Address } from "./filters";

/** The server takes so many by their ids. */
export const MOST_EXPORTED = 5000;

interface Whom {
  /** Of the texts. */
  told: "chosen" | "tooMany" | "filtered" | "all";
  /** Undefined where it cannot be asked for. */
  body?: Pick<SubjectExportIn, "ids" | "watchlist_id" | "status">;
}

/** Who is exported: those that were chosen and nobody else, or those of the list and status that are filtered by. */
export function whomToExport(selected: ReadonlySet<string>, filters: Pick<Address, "watchlist" | "status">): Whom {
  if (selected.size > MOST_EXPORTED) return { told: "tooMany" };
  if (selected.size > 0) return { told: "chosen", body: { ids: [...selected] } };
  const { watchlist, status } = filters;
  return {
    told: watchlist !== undefined || status ? "filtered" : "all",
    body: { watchlist_id: watchlist, status },
  };
}
