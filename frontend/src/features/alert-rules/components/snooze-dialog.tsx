import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { RuleOut } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { useNow } from "@/hooks/use-now";
import { serverDate, serverNow } from "@/lib/clock";
import { formatDateTime } from "@/lib/format";
import { toast, toastError } from "@/lib/toast";

import { useSnoozeRule } from "../api/use-rule-changes";

const HOUR_MS = 3_600_000;

function tomorrowMorning(): Date {
  const morning = serverDate();
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return morning;
}

/** Let a rule raise nothing for a while. */
export function SnoozeDialog({ rule, onClose }: { rule: RuleOut; onClose: () => void }) {
  const { t } = useTranslation("rules");
  const id = useId();
  const snooze = useSnoozeRule();
  const [own, setOwn] = useState("");
  const now = useNow();
  const choices = [
    { label: t("snooze.hour"), until: () => new Date(serverNow() + HOUR_MS) },
    { label: t("snooze.morning"), until: tomorrowMorning },
    { label: t("snooze.day"), until: () => new Date(serverNow() + 24 * HOUR_MS) },
    { label: t("snooze.week"), until: () => new Date(serverNow() + 7 * 24 * HOUR_MS) },
  ];
  const apply = async (until: Date) => {
    try {
      await snooze.mutateAsync({ ruleId: rule.id, until: until.toISOString() });
      toast.success(t("snooze.done", { time: formatDateTime(until) }));
      onClose();
    } catch (error) {
      toastError(error);
    }
  };
  const chosen = own ? new Date(own) : null;
  const isPast = chosen !== null && chosen.getTime() <= now;
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("snooze.title", { name: rule.name })}</DialogTitle>
          <DialogDescription>{t("snooze.hint")}</DialogDescription>
        </DialogHeader>
        <div className="grid grid-cols-2 gap-2">
          {choices.map(({ label, until }) => (
            <Button key={label} variant="outline" onClick={() => void apply(until())}>
              {label}
            </Button>
          ))}
        </div>
        <div className="grid gap-1.5">
          <Label htmlFor={id}>{t("snooze.own")}</Label>
          <Input id={id} type="datetime-local" value={own} onChange={(event) => setOwn(event.target.value)} />
          {isPast && <p className="text-xs text-destructive">{t("snooze.past")}</p>}
        </div>
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            {t("common:cancel")}
          </Button>
          <Button disabled={!chosen || isPast} loading={snooze.isPending} onClick={() => chosen && void apply(chosen)}>
            {t("snooze.apply")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
