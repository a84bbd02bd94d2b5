import { useTranslation } from "react-i18next";

import type { AlertOut } from "@/client/types.gen";
import { AlertStatus } from "@/components/alert-status";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/utils";

const LOOKS = { true_match: "success", false_match: "destructive", test: "secondary", unclear: "warning" } as const;

interface Props {
  alert: Pick<AlertOut, "status" | "verdict" | "verification">;
  className?: string;
}

/** How far an alert has come, and how it turned out. */
export function AlertBadge({ alert, className }: Props) {
  const { t } = useTranslation("alerts");
  return (
    <span className={cn("inline-flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1", className)}>
      <AlertStatus status={alert.status} className="shrink-0" />
      {alert.verdict && <Badge variant={LOOKS[alert.verdict]}>{t(`verdict.${alert.verdict}`)}</Badge>}
      {alert.verification === "pending" && alert.status !== "resolved" && (
        <Badge variant="warning">{t("verification.pending")}</Badge>
      )}
    </span>
  );
}
