import { Check, Undo2, UserRoundPen, X, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SightingDetailOut } from "@/client/types.gen";
import { Timestamp } from "@/components/timestamp";

import { Section } from "./section";

const ICONS: Record<string, LucideIcon> = { confirmed: Check, rejected: X, assigned: UserRoundPen, undone: Undo2 };

/** Every decision about it, the oldest first. */
export function Corrections({ sighting }: { sighting: SightingDetailOut }) {
  const { t } = useTranslation("sightings");
  if (sighting.corrections.length === 0) return null;
  return (
    <Section title={t("history.title")}>
      <ol className="grid grid-cols-1">
        {sighting.corrections.map((one) => {
          const Icon = ICONS[one.verdict] ?? Check;
          return (
            <li
              key={one.id}
              className="relative flex gap-3 pb-3 before:absolute before:inset-y-0 before:start-3 before:w-px before:bg-border last:before:hidden"
            >
              <span className="relative flex size-6 shrink-0 items-center justify-center rounded-full border bg-card text-muted-foreground">
                <Icon aria-hidden className="size-3.5" />
              </span>
              <div className="grid min-w-0 flex-1 gap-0.5 pt-0.5">
                <span className="wrap-anywhere">
                  {t(`history.${one.verdict}`, {
                    by: one.decided_by ?? t("history.gone"),
                    name: one.subject_name ?? t("common:unknownPerson"),
                  })}
                </span>
                <Timestamp value={one.created_at} seconds className="text-xs text-muted-foreground" />
                {one.note && (
                  <p dir="auto" className="rounded-md bg-muted px-2.5 py-1.5 whitespace-pre-wrap wrap-break-word">
                    {one.note}
                  </p>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
