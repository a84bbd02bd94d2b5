import { useQuery } from "@tanstack/react-query";

import { listWatchlistsOptions } from "@/client/@tanstack/react-query.gen";
import type { ComboboxOption } from "@/components/combobox";

/** Watchlists to choose from. */
export function useWatchlistOptions(): ComboboxOption[] {
  const lists = useQuery(listWatchlistsOptions({ query: { limit: 200 } }));
  return (lists.data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: name }));
}
