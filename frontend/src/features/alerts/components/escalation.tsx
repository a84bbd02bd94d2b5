import { useTranslation } from "react-i18next";

import type { AlertDetailOut } from "@/client/types.gen";
import { TimeAgo } from "@/components/time-ago";
import { Timestamp } from "@/components/timestamp";
import { Progress } from "@/components/ui/progress";
import { formatNumber } from "@/lib/format";

import { Section } from "./section";

/** How far it has gone up, and what follows while nobody acknowledges. */
export function Escalation({ alert: { escalation, status } }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  const { policy_name, policy_id, step, steps, next_at } = escalation;
  return (
    <Section title={t("escalation.title")}>
      {policy_id === null ? (
        <p className="text-muted-foreground">{t("escalation.none")}</p>
      ) : (
        <div className="grid gap-1.5">
          <p>
            <bdi className="font-medium">{policy_name}</bdi>
            {" · "}
            {t("escalation.step", { step: formatNumber(step), steps: formatNumber(steps) })}
          </p>
          {steps > 0 && <Progress value={(100 * step) / steps} aria-label={t("escalation.title")} />}
          <p className="text-muted-foreground">
            {next_at ? (
              <>
                {t("escalation.next")} <Timestamp value={next_at} format="time" seconds /> (<TimeAgo value={next_at} />)
              </>
            ) : (
              t(status === "new" ? "escalation.end" : "escalation.stopped")
            )}
          </p>
        </div>
      )}
    </Section>
  );
}
