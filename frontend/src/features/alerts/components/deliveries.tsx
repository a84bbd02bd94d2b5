import { useTranslation } from "react-i18next";

import type { DeliveryOut } from "@/client/types.gen";
import { ErrorState } from "@/components/error-state";
import { StatusDot, type Tone } from "@/components/status-dot";
import { Timestamp } from "@/components/timestamp";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format";

import { useAlertDeliveries } from "../api/use-alert-deliveries";
import { Section } from "./section";

const TONES = {
  held: "info",
  pending: "warning",
  delivered: "success",
  failed: "danger",
  cancelled: "neutral",
} satisfies Record<DeliveryOut["status"], Tone>;
const OUTCOMES = { delivered: "success", failed: "warning", refused: "danger" } as const;

/** Who was told, who is to be, and each attempt. */
export function Deliveries({ alertId }: { alertId: string }) {
  const { t } = useTranslation("alerts");
  const { data, isError, error, refetch } = useAlertDeliveries(alertId);
  return (
    <Section title={t("delivery.title")}>
      {data?.length === 0 && <p className="text-muted-foreground">{t("delivery.none")}</p>}
      {data && data.length > 0 && (
        <ul className="grid grid-cols-[minmax(0,1fr)] divide-y rounded-md border bg-card">
          {data.map((delivery) => (
            <Delivery key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
      {!data && (isError ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton className="h-10" />)}
    </Section>
  );
}

function Delivery({ delivery }: { delivery: DeliveryOut }) {
  const { t } = useTranslation("alerts");
  const name = delivery.channel_name ?? t("delivery.hidden");
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-1 px-3 py-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <bdi className="min-w-0 truncate font-medium" title={name}>
          {name}
        </bdi>
        {delivery.channel_kind && <Badge variant="outline">{t(`channel.${delivery.channel_kind}`)}</Badge>}
        {delivery.level > 0 && (
          <Badge variant="secondary">{t("delivery.level", { step: formatNumber(delivery.level) })}</Badge>
        )}
        <StatusDot
          tone={TONES[delivery.status]}
          label={t(`delivery.${delivery.status}`)}
          className="ms-auto shrink-0 text-xs"
        />
      </div>
      <p className="text-xs text-muted-foreground">
        {delivery.delivered_at ? (
          <Timestamp value={delivery.delivered_at} seconds />
        ) : delivery.next_attempt_at ? (
          <>
            {t("delivery.next")} <Timestamp value={delivery.next_attempt_at} seconds />
          </>
        ) : (
          delivery.last_error
        )}
      </p>
      {delivery.log.length > 0 && (
        <details className="text-xs">
          <summary className="w-fit cursor-pointer py-1 text-muted-foreground hover:text-foreground">
            {t("delivery.attempts", { count: delivery.attempts })}
          </summary>
          <ol className="grid gap-1 pt-1">
            {delivery.log.map((attempt) => (
              <li key={attempt.attempt} className="flex flex-wrap items-baseline gap-x-2">
                <StatusDot tone={OUTCOMES[attempt.outcome]} label={t(`delivery.${attempt.outcome}`)} />
                <Timestamp value={attempt.started_at} seconds className="text-muted-foreground" />
                <span className="text-muted-foreground tabular-nums">
                  {formatNumber(attempt.duration_ms, { style: "unit", unit: "millisecond" })}
                </span>
                {attempt.detail && (
                  <span dir="auto" className="min-w-0 basis-full wrap-break-word">
                    {attempt.detail}
                  </span>
                )}
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}
