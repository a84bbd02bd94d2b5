import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { ErrorState } from "@/components/error-state";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { formatNumber } from "@/lib/format";

import { useChainCheck } from "../api/use-audit";

/** Whether anybody changed the log behind the product's back. */
export function ChainCheck() {
  const { t } = useTranslation("audit");
  const check = useChainCheck();
  const { refetch } = check;
  useEffect(() => void refetch(), [refetch]);
  if (check.isFetching) return <Alert role="status">{t("check.running")}</Alert>;
  if (check.isError) return <ErrorState error={check.error} onRetry={() => void refetch()} />;
  if (!check.data) return null;
  const { is_whole: isWhole, events, pending, erased, head, problems } = check.data;
  return (
    <Alert variant={isWhole ? "success" : "destructive"} role="alert">
      <AlertTitle>{t(isWhole ? "check.whole" : "check.broken")}</AlertTitle>
      <AlertDescription className="grid gap-1">
        {t("check.numbers", {
          events: formatNumber(events),
          pending: formatNumber(pending),
          erased: formatNumber(erased),
        })}
        {head && (
          <code dir="ltr" className="text-xs break-all">
            {head.position} {head.digest}
          </code>
        )}
        {problems.map(({ kind, position, audit_id: id }) => (
          <code key={`${kind} ${position}`} dir="ltr" className="text-xs">
            {kind} {position} {id}
          </code>
        ))}
      </AlertDescription>
    </Alert>
  );
}
