import { Check, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { ErrorState } from "@/components/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/utils";

import { useFirstSteps, type FirstSteps as Steps } from "../api/use-first-steps";

interface Step {
  id: "camera" | "region" | "subject" | "sighting";
  to: string;
  isDone: boolean;
  isOptional?: boolean;
}

/** What is to be done, in order, and what is done already. */
function stepsOf({ cameraId, hasAreas, subjectId, sightingId }: Steps): Step[] {
  return [
    { id: "camera", to: "/cameras", isDone: cameraId !== null },
    {
      id: "region",
      to: cameraId ? `/cameras/${cameraId}?tab=configuration` : "/cameras",
      isDone: hasAreas,
      isOptional: true,
    },
    { id: "subject", to: "/subjects", isDone: subjectId !== null },
    { id: "sighting", to: sightingId ? `/sightings/${sightingId}` : "/live", isDone: sightingId !== null },
  ];
}

/** From an empty system to the first sighting; each step can be left and come back to, in any order. */
export function FirstSteps() {
  const { t } = useTranslation("onboarding");
  const state = useFirstSteps();
  if (state.isPending) return <Skeleton className="h-72 w-full" />;
  if (state.error) return <ErrorState error={state.error} onRetry={state.retry} />;
  const steps = stepsOf(state);
  const next = steps.find(({ isDone, isOptional }) => !isDone && !isOptional);
  return (
    <>
      <ol className="grid gap-2" aria-live="polite">
        {steps.map((step, index) => (
          <li key={step.id}>
            <Link
              to={step.to}
              aria-current={step === next ? "step" : undefined}
              className={cn(
                "flex items-center gap-4 rounded-lg border bg-card p-4 hover:border-ring",
                step === next && "border-primary",
              )}
            >
              <span
                className={cn(
                  "grid size-7 shrink-0 place-items-center rounded-full border tabular-nums",
                  step.isDone && "border-success text-success",
                )}
              >
                {step.isDone ? <Check className="size-4" aria-label={t("done")} /> : index + 1}
              </span>
              <span className="grid min-w-0 flex-1 gap-0.5">
                <span className="font-medium">
                  {t(`steps.${step.id}.title`)}
                  {step.isOptional && <span className="font-normal text-muted-foreground"> · {t("optional")}</span>}
                </span>
                <span className="text-muted-foreground">{t(`steps.${step.id}.hint`)}</span>
              </span>
              <ChevronRight className="size-4 shrink-0 text-muted-foreground rtl:rotate-180" aria-hidden />
            </Link>
          </li>
        ))}
      </ol>
      {!next && (
        <p role="status" className="rounded-lg border border-success bg-card p-4">
          {t("ready")}{" "}
          <Link to="/dashboard" className="text-primary underline">
            {t("toDashboard")}
          </Link>
        </p>
      )}
    </>
  );
}
