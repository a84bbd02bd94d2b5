import { useQuery } from "@tanstack/react-query";

import { countAlertsOptions } from "@/client/@tanstack/react-query.gen";
import { useAuth } from "@/hooks/use-auth";

/** Open alerts: new ones, acknowledged ones and one's own; events keep the counts current. */
export function useUnreadCount() {
  const { hasPermission } = useAuth();
  return useQuery({ ...countAlertsOptions(), enabled: hasPermission("read_alerts") });
}
