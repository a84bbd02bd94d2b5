import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createAlertRule, deleteAlertRule, snoozeAlertRule, updateAlertRule } from "@/client/sdk.gen";
import type { RuleIn } from "@/client/types.gen";
import { ifMatch } from "@/lib/etag";
import { newKey, useIdempotencyKey } from "@/lib/idempotency";
import { invalidate } from "@/lib/query";

import { bodyOf } from "../lib/rule-values";
import { readRule } from "./use-rule";

function useChanged() {
  const cache = useQueryClient();
  return () => invalidate(cache, "listAlertRules", "getAlertRule");
}

export function useCreateRule() {
  const key = useIdempotencyKey();
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async (body: RuleIn) => (await createAlertRule({ body, headers: key.header() })).data,
    onError: key.renew, // a corrected form is another request
    onSettled,
  });
}

export function useReplaceRule() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async ({ ruleId, etag, body }: { ruleId: string; etag: string; body: RuleIn }) =>
      (await updateAlertRule({ path: { rule_id: ruleId }, body, headers: ifMatch(etag) })).data,
    onSettled,
  });
}

/** On or off, and nothing else of it: as it is at the server now. */
export function useSwitchRule() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: async ({ ruleId, isActive }: { ruleId: string; isActive: boolean }) => {
      const { data, etag } = await readRule(ruleId);
      const body = { ...bodyOf(data), is_active: isActive };
      return updateAlertRule({ path: { rule_id: ruleId }, body, headers: ifMatch(etag) });
    },
    onSettled,
  });
}

export function useDeleteRule() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: (ruleId: string) => deleteAlertRule({ path: { rule_id: ruleId } }),
    onSettled,
  });
}

export function useSnoozeRule() {
  const onSettled = useChanged();
  return useMutation({
    mutationFn: ({ ruleId, until }: { ruleId: string; until: string | null }) =>
      snoozeAlertRule({ path: { rule_id: ruleId }, body: { until }, headers: { "Idempotency-Key": newKey() } }),
    onSettled,
  });
}
