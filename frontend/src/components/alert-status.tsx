import { useTranslation } from "react-i18next";

import type { AlertStatus as Status } from "@/client/types.gen";
import { StatusDot, type Tone } from "@/components/status-dot";

const LOOKS = { new: "danger", acknowledged: "warning", resolved: "success" } satisfies Record<Status, Tone>;

export function AlertStatus({ status, className }: { status: Status; className?: string }) {
  const { t } = useTranslation("kit");
  return <StatusDot tone={LOOKS[status]} label={t(`status.${status}`)} className={className} />;
}
