import type { ReactNode } from "react";
import {
  ArrowUp,
  CheckCheck,
  Eye,
  MessageSquare,
  RotateCcw,
  ScanFace,
  Siren,
  UserRoundCheck,
  UserRoundPlus,
  UserRoundX,
  type LucideIcon,
} from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertDetailOut, AlertEventOut } from "@/client/types.gen";
import { Timestamp } from "@/components/timestamp";
import { Can } from "@/components/can";
import { formatNumber } from "@/lib/format";

import { CommentForm } from "./comment-form";
import { Section } from "./section";

const ICONS = {
  acknowledged: Eye,
  resolved: CheckCheck,
  reopened: RotateCcw,
  assigned: UserRoundPlus,
  commented: MessageSquare,
  confirmed: UserRoundCheck,
  refused: UserRoundX,
  identity_changed: ScanFace,
  escalated: ArrowUp,
} satisfies Record<AlertEventOut["kind"], LucideIcon>;

/** What happened to it, the oldest first, and room for a word. */
export function History({ alert }: { alert: AlertDetailOut }) {
  const { t } = useTranslation("alerts");
  return (
    <Section title={t("history.title")}>
      <ol className="grid">
        <Line icon={Siren} time={alert.created_at}>
          {t("history.raised")}
        </Line>
        {alert.history.map((event) => (
          <Line key={event.id} icon={ICONS[event.kind]} time={event.created_at} note={event.note}>
            <Told event={event} />
          </Line>
        ))}
      </ol>
      <Can permission="handle_alerts">
        <CommentForm key={alert.id} alertId={alert.id} />
      </Can>
    </Section>
  );
}

interface LineProps {
  icon: LucideIcon;
  time: string;
  note?: string;
  children: ReactNode;
}

function Line({ icon: Icon, time, note, children }: LineProps) {
  return (
    <li className="relative flex gap-3 pb-3 before:absolute before:inset-y-0 before:start-3 before:w-px before:bg-border last:before:hidden">
      <span className="relative flex size-6 shrink-0 items-center justify-center rounded-full border bg-card text-muted-foreground">
        <Icon aria-hidden className="size-3.5" />
      </span>
      <div className="grid min-w-0 flex-1 gap-0.5 pt-0.5">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <span className="min-w-0 wrap-break-word">{children}</span>
          <Timestamp value={time} seconds className="text-xs text-muted-foreground" />
        </div>
        {note && (
          <p dir="auto" className="rounded-md bg-muted px-2.5 py-1.5 whitespace-pre-wrap wrap-break-word">
            {note}
          </p>
        )}
      </div>
    </li>
  );
}

function Told({ event }: { event: AlertEventOut }) {
  const { t } = useTranslation(["alerts", "kit"]);
  const name =
    event.user_name ?? (event.channel ? t("history.link", { channel: event.channel }) : t("history.machine"));
  if (event.kind === "resolved")
    return t("history.resolved", { name, verdict: event.verdict ? t(`verdict.${event.verdict}`) : "" });
  if (event.kind === "assigned")
    return event.assigned_to
      ? t("history.assigned", { name, to: event.assigned_to_name ?? t("history.gone") })
      : t("history.unassigned", { name });
  if (event.kind === "escalated")
    return t(event.severity ? "history.escalatedTo" : "history.escalated", {
      step: formatNumber(event.step ?? 0),
      severity: event.severity ? t(`kit:severity.${event.severity}`) : "",
    });
  return t(`history.${event.kind}`, { name });
}
