import { useMemo } from "react";
import { useQueries, useQuery } from "@tanstack/react-query";

import { getSubjectOptions, listSubjectsOptions } from "@/client/@tanstack/react-query.gen";

/** Names of the people that rules are about; those that are gone have none. */
export function useSubjectNames(ids: string[]): Map<string, string> {
  const wanted = [...new Set(ids)];
  const found = useQueries({
    queries: wanted.map((id) => ({ ...getSubjectOptions({ path: { subject_id: id } }), retry: false })),
  });
  const names = found.flatMap(({ data }) => (data ? [`${data.id} ${data.name}`] : [])).join("\n");
  return useMemo(
    () =>
      new Map(names.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)])),
    [names],
  );
}

/** People whose name fits what was typed. */
export function useSubjectSearch(text: string) {
  return useQuery({
    ...listSubjectsOptions({ query: { q: text || undefined, limit: 20 } }),
    placeholderData: (old) => old,
  });
}
