import { useTranslation } from "react-i18next";

import type { AlertOut } from "@/client/types.gen";
import { AlertStatus } from "@/components/alert-status";
import { Badge } from "@/components/ui/badge";

const LOOKS = { true_match: "success", false_match: "destructive", test: "secondary", unclear: "warning" } as const;

/** How far an alert has come, and how it turned out. */
export function AlertBadge({ alert }: { alert: Pick<AlertOut, "status" | "verdict" | "verification"> }) {
  const { t } = useTranslation("alerts");
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <AlertStatus status={alert.status} />
      {alert.verdict && <Badge variant={LOOKS[alert.verdict]}>{t(`verdict.${alert.verdict}`)}</Badge>}
      {alert.verification === "pending" && alert.status !== "resolved" && (
        <Badge variant="warning">{t("verification.pending")}</Badge>
      )}
    </span>
  );
}
