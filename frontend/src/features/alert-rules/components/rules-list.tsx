import { useState } from "react";
import { BellOff, Copy, EllipsisVertical, Moon, Pencil, Sun, Trash2, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { RuleOut } from "@/client/types.gen";
import { SeverityBadge } from "@/components/severity-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Switch } from "@/components/ui/switch";
import { useAuth } from "@/hooks/use-auth";
import { useNow } from "@/hooks/use-now";
import { formatDateTime } from "@/lib/format";
import { toastError } from "@/lib/toast";

import { useNames } from "../api/use-names";
import { useSnoozeRule, useSwitchRule } from "../api/use-rule-changes";
import { sentence, type Names } from "../lib/sentence";
import { bodyOf } from "../lib/rule-values";

export type RuleAction = "edit" | "copy" | "delete" | "snooze" | "try";

interface Props {
  rules: RuleOut[];
  onAction: (action: RuleAction, rule: RuleOut) => void;
}

export function RulesList({ rules, onAction }: Props) {
  const { t } = useTranslation("rules");
  const names = useNames(rules);
  return (
    <ul aria-label={t("title")} className="divide-y rounded-lg border bg-card">
      {rules.map((rule) => (
        <RuleRow key={rule.id} rule={rule} names={names} onAction={onAction} />
      ))}
    </ul>
  );
}

interface RowProps extends Pick<Props, "onAction"> {
  rule: RuleOut;
  names: Names;
}

function RuleRow({ rule, names, onAction }: RowProps) {
  const { t } = useTranslation("rules");
  const mayManage = useAuth().hasPermission("manage_alert_rules");
  const toggle = useSwitchRule();
  const [shown, setShown] = useState<boolean | null>(null);
  const change = (isActive: boolean) => {
    if (isActive) return onAction("try", rule);
    setShown(isActive);
    toggle.mutate({ ruleId: rule.id, isActive }, { onError: toastError, onSettled: () => setShown(null) });
  };
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-3">
      <Switch
        className="mt-0.5"
        aria-label={t("switch", { name: rule.name })}
        checked={shown ?? rule.is_active}
        disabled={!mayManage || toggle.isPending}
        onCheckedChange={change}
      />
      <div className="grid gap-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {mayManage ? (
            <button
              type="button"
              className="max-w-full truncate rounded-sm text-start font-medium hover:underline"
              title={rule.name}
              onClick={() => onAction("edit", rule)}
            >
              <bdi>{rule.name}</bdi>
            </button>
          ) : (
            <span className="truncate font-medium" title={rule.name}>
              <bdi>{rule.name}</bdi>
            </span>
          )}
          {!rule.severity && (rule.watchlist_id || rule.subject_id) ? (
            <Badge variant="outline">{t("then.ofList")}</Badge>
          ) : (
            <SeverityBadge severity={rule.severity ?? "low"} />
          )}
          <Snoozed rule={rule} />
        </div>
        <p className="text-pretty text-muted-foreground">{sentence(bodyOf(rule), names, t)}</p>
        <p className="text-xs text-muted-foreground">
          {rule.channels.length > 0
            ? t("tells", { names: rule.channels.map(({ name }) => name).join(", ") })
            : t("tellsNobody")}
        </p>
        {rule.warnings.map(({ code, message }) => (
          <p key={`${code} ${message}`} className="flex items-start gap-1.5 text-xs text-warning">
            <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
            {t(`warning.${code}`, { defaultValue: message })}
          </p>
        ))}
      </div>
      {mayManage && <RuleMenu rule={rule} onAction={onAction} />}
    </li>
  );
}

function Snoozed({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation("rules");
  const now = useNow();
  if (!rule.snoozed_until || Date.parse(rule.snoozed_until) <= now) return null;
  return (
    <Badge variant="info">
      <BellOff aria-hidden />
      {t("snooze.until", { time: formatDateTime(rule.snoozed_until) })}
    </Badge>
  );
}

function RuleMenu({ rule, onAction }: Pick<RowProps, "rule" | "onAction">) {
  const { t } = useTranslation("rules");
  const now = useNow();
  const snooze = useSnoozeRule();
  const isSnoozed = rule.snoozed_until !== null && Date.parse(rule.snoozed_until) > now;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label={t("actionsOf", { name: rule.name })}>
          <EllipsisVertical aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => onAction("edit", rule)}>
          <Pencil aria-hidden />
          {t("common:edit")}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => onAction("copy", rule)}>
          <Copy aria-hidden />
          {t("copy")}
        </DropdownMenuItem>
        {isSnoozed ? (
          <DropdownMenuItem onSelect={() => snooze.mutate({ ruleId: rule.id, until: null }, { onError: toastError })}>
            <Sun aria-hidden />
            {t("snooze.end")}
          </DropdownMenuItem>
        ) : (
          <DropdownMenuItem onSelect={() => onAction("snooze", rule)}>
            <Moon aria-hidden />
            {t("snooze.label")}
          </DropdownMenuItem>
        )}
        <DropdownMenuSeparator />
        <DropdownMenuItem className="text-destructive" onSelect={() => onAction("delete", rule)}>
          <Trash2 aria-hidden />
          {t("common:delete")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
