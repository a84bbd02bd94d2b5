import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertDetailOut } from "@/client/types.gen";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";

import { useAlertSighting } from "../api/use-alert-sighting";

/** The sighting is no longer taken for the person whom the alert is about. */
export function IdentityNotice({ alert }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  const { data: sighting } = useAlertSighting(alert.sighting_id);
  if (alert.identity === "same") return null;
  const name = alert.subject_name ?? t("common:unknownPerson");
  const other = sighting?.subject_name;
  return (
    <Alert variant="warning" role="status">
      <TriangleAlert aria-hidden />
      <AlertTitle>
        {alert.subject_id === null
          ? t("identity.recognised")
          : t(alert.identity === "unknown" ? "identity.unknown" : "identity.other", { name })}
      </AlertTitle>
      <AlertDescription>
        {alert.identity === "other" && other ? t("identity.now", { name: other }) : t("identity.hint")}
      </AlertDescription>
    </Alert>
  );
}
