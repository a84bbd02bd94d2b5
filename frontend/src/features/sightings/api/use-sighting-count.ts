import { useEffect, useRef } from "react";
import { useQuery } from "@tanstack/react-query";

import { listSightingsOptions } from "@/client/@tanstack/react-query.gen";
import { useTopic } from "@/hooks/use-web-socket";

import type { Filters } from "../lib/address";

/** The server counts so far. */
export const MOST_COUNTED = 10_000;
const AGAIN_MS = 10_000;

/** How many sightings fit, up to MOST_COUNTED + 1; counted again after events, at most every ten seconds. */
export function useSightingCount(filters: Filters): number | undefined {
  const { data, refetch } = useQuery({
    ...listSightingsOptions({ query: { ...filters, limit: 1, total: true } }),
    select: ({ total }) => total ?? undefined,
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useTopic("detections", () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void refetch();
    }, AGAIN_MS);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  return data;
}
