import { useQuery } from "@tanstack/react-query";

import { getAlertRule } from "@/client/sdk.gen";
import { readWithEtag } from "@/lib/etag";

export const readRule = (ruleId: string) => readWithEtag(getAlertRule({ path: { rule_id: ruleId } }));

/** A rule with what a change of it needs. Read once per edit: what is typed stays while others save. */
export function useRule(ruleId: string | null) {
  return useQuery({
    queryKey: ["rule-to-edit", ruleId],
    queryFn: () => readRule(ruleId ?? ""),
    enabled: ruleId !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
}
