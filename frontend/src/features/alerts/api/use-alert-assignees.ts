import { useQuery } from "@tanstack/react-query";

import { listAlertAssigneesOptions } from "@/client/@tanstack/react-query.gen";

/** Those who handle alerts and see its camera. */
export function useAlertAssignees(alertId: string, enabled = true) {
  return useQuery({ ...listAlertAssigneesOptions({ path: { alert_id: alertId } }), enabled });
}
