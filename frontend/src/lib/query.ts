import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { mayRetry } from "@/lib/api";
import { isServerAway } from "@/lib/reach";

/** Lists live by events, so what was read stays good until an event or a reconnect says otherwise. */
const FRESH_MS = 60_000;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache(),
    mutationCache: new MutationCache(),
    defaultOptions: {
      queries: {
        // The server may well be reached where the browser believes to be offline: it can be this very machine.
        networkMode: "always",
        staleTime: FRESH_MS,
        retry: mayRetry,
        refetchOnWindowFocus: false,
        refetchOnReconnect: true,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

/** The first part of a generated query key: which operation, with which parameters. */
export interface OperationKey {
  _id: string;
  _infinite?: boolean;
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
}

export function operationOf(key: readonly unknown[]): OperationKey | null {
  const first = key[0];
  return typeof first === "object" && first !== null && "_id" in first ? (first as OperationKey) : null;
}

/** Read an operation's answers again, whatever their parameters: `invalidate(client, "listCameras", "getCamera")`.
 *
 * Ends when they are there; while the server is away at once, so that a change that failed says so without delay.
 */
export async function invalidate(client: QueryClient, ...operations: string[]): Promise<void> {
  const isThere = client.invalidateQueries({
    predicate: ({ queryKey }) => operations.includes(operationOf(queryKey)?._id ?? ""),
  });
  if (!isServerAway()) await isThere;
}

/** Ask again for what could not be read, now that the server answers. */
export async function readFailedAgain(client: QueryClient): Promise<void> {
  await client.invalidateQueries({
    predicate: ({ state }) => state.error !== null && mayRetry(0, state.error),
  });
}

/** What useInfiniteQuery needs around a generated `list…InfiniteOptions`: begin without cursor, go on with `next`. */
export const PAGED = {
  initialPageParam: {},
  getNextPageParam: (page: { next?: string | null }) => page.next ?? undefined,
};
