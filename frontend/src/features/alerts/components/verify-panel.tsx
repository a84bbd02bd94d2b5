import { UserRoundCheck, UserRoundX } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertDetailOut } from "@/client/types.gen";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";

import { useVerifyAlert } from "../api/use-verify-alert";

/** Where the house wants a second person: until then nobody outside is told. */
export function VerifyPanel({ alert }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  const { user, hasPermission } = useAuth();
  const verify = useVerifyAlert();
  if (alert.verification === "not_needed") return null;
  if (alert.verification !== "pending")
    return (
      <Alert variant={alert.verification === "confirmed" ? "success" : "default"}>
        {alert.verification === "confirmed" ? <UserRoundCheck aria-hidden /> : <UserRoundX aria-hidden />}
        <AlertTitle>{t(`verification.${alert.verification}`)}</AlertTitle>
      </Alert>
    );

  const isFirst = alert.acknowledged_by !== null && alert.acknowledged_by === user?.user_id;
  const isNew = alert.acknowledged_at === null;
  const canVerify = hasPermission("handle_alerts") && !isFirst && !isNew;
  const name = alert.subject_name ?? t("common:unknownPerson");
  return (
    <Alert variant="info">
      <UserRoundCheck aria-hidden />
      <AlertTitle>{t("verification.pending")}</AlertTitle>
      <AlertDescription className="grid gap-2">
        <p>
          {canVerify
            ? t("verification.ask", { name })
            : isFirst
              ? t("verification.first")
              : isNew
                ? t("verification.new")
                : t("verification.wait")}
        </p>
        {canVerify && (
          <div className="flex flex-wrap gap-2">
            <Button
              size="sm"
              loading={verify.isPending}
              onClick={() => verify.mutate({ alertId: alert.id, confirmed: true })}
            >
              {t("verification.yes")}
            </Button>
            <Button
              size="sm"
              variant="outline"
              disabled={verify.isPending}
              onClick={() => verify.mutate({ alertId: alert.id, confirmed: false })}
            >
              {t("verification.no")}
            </Button>
          </div>
        )}
      </AlertDescription>
    </Alert>
  );
}
