import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import {
  listCameraGroupsOptions,
  listRolesOptions,
  listUsersInfiniteOptions,
} from "@/client/@tanstack/react-query.gen";
import type { ListUsersData } from "@/client/types.gen";
import { PAGED } from "@/lib/query";

const PAGE = 100;

/** Accounts, page by page. */
export function useUsers(query: NonNullable<ListUsersData["query"]>) {
  return useInfiniteQuery({
    ...listUsersInfiniteOptions({ query: { ...query, limit: PAGE } }),
    ...PAGED,
  });
}

/** What each role may do. */
export function useRoles() {
  return useQuery({ ...listRolesOptions(), staleTime: Infinity });
}

/** Groups that a user may be limited to. */
export function useGroups() {
  return useQuery(listCameraGroupsOptions({ query: { limit: 200 } }));
}
