import { useState } from "react";
import { FlaskConical } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { DryRunOut } from "@/client/types.gen";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";

import { Choice } from "./choice";
import { DryRunResult } from "./dry-run-result";

const PERIODS = ["1", "7", "30", "90"] as const;
type Period = (typeof PERIODS)[number];

interface Props {
  result: { run: DryRunOut; days: number; isCurrent: boolean } | null;
  error: unknown;
  isRunning: boolean;
  onRun: (days: number) => void;
}

/** What a rule would have done, before it does it. */
export function DryRunPanel({ result, error, isRunning, onRun }: Props) {
  const { t } = useTranslation("rules");
  const [period, setPeriod] = useState<Period>("7");
  return (
    <section aria-labelledby="dry-run" className="grid gap-3 rounded-lg border bg-card p-4">
      <div className="grid gap-0.5">
        <h2 id="dry-run" className="text-base font-semibold">
          {t("try.title")}
        </h2>
        <p className="text-xs text-muted-foreground">{t("try.hint")}</p>
      </div>
      <div className="flex gap-2">
        <Choice
          aria-label={t("try.period")}
          value={period}
          onChange={setPeriod}
          options={PERIODS.map((days) => ({ value: days, label: t("try.days", { count: Number(days) }) }))}
        />
        <Button variant="secondary" loading={isRunning} onClick={() => onRun(Number(period))}>
          <FlaskConical aria-hidden />
          {t("try.run")}
        </Button>
      </div>
      <div aria-live="polite" className="grid gap-3">
        {error !== null && <ErrorState error={error} />}
        {result && !result.isCurrent && <p className="text-xs text-warning">{t("try.stale")}</p>}
        {result && <DryRunResult run={result.run} days={result.days} />}
      </div>
    </section>
  );
}
