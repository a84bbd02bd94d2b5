import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import {
  listCameraGroupsOptions,
  listEscalationPoliciesOptions,
  listRuleChannelsOptions,
  listWatchlistsOptions,
} from "@/client/@tanstack/react-query.gen";
import { listCameras } from "@/client/sdk.gen";
import type { CameraOut } from "@/client/types.gen";

const PAGE = 200;

async function allCameras(): Promise<CameraOut[]> {
  const found: CameraOut[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: CameraOut[]; next?: string | null } = (await listCameras({ query: { limit: PAGE, cursor } }))
      .data;
    found.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor);
  return found;
}

/** What a rule can name, and what those are called. */
export function useChoices() {
  const cameras: UseQueryResult<CameraOut[]> = useQuery({ queryKey: ["cameras-to-choose"], queryFn: allCameras });
  const groups = useQuery(listCameraGroupsOptions({ query: { limit: PAGE } }));
  const watchlists = useQuery(listWatchlistsOptions({ query: { limit: PAGE } }));
  const channels = useQuery(listRuleChannelsOptions());
  const policies = useQuery(listEscalationPoliciesOptions({ query: { limit: PAGE } }));
  return {
    cameras: cameras.data ?? [],
    groups: groups.data?.items ?? [],
    watchlists: watchlists.data?.items ?? [],
    channels: channels.data ?? [],
    policies: policies.data?.items ?? [],
    isPending: [cameras, groups, watchlists].some((query) => query.isPending),
  };
}

export type Choices = ReturnType<typeof useChoices>;
