import { useQuery } from "@tanstack/react-query";

import { getAlertRuleOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

/** The rule that raised it, where there is one and it is still there. */
export function useRuleOfAlert(ruleId: string | null) {
  const { hasPermission } = useAuth();
  return useQuery({
    ...getAlertRuleOptions({ path: { rule_id: ruleId ?? "" } }),
    enabled: ruleId !== null && hasPermission("read_alert_rules"),
  });
}
