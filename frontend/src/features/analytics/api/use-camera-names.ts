import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";

import { listCamerasOptions } from "@/client/@tanstack/react-query.gen";

const MOST = 200; // as many as a page of the API has

/** Names of cameras by id, as far as one page goes. */
export function useCameraNames(): Map<string, string> {
  const { data } = useQuery(listCamerasOptions({ query: { limit: MOST, sort: "name" } }));
  return useMemo(() => new Map(data?.items.map(({ id, name }) => [id, name])), [data]);
}
