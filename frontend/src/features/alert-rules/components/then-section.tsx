import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";

import type { Choices } from "../api/use-choices";
import { ALWAYS, NIGHT, type RuleValues } from "../lib/rule-values";
import { Choice } from "./choice";
import { DurationInput } from "./duration-input";
import { Field, useOptional } from "./field";
import { ScheduleEditor } from "./schedule-editor";
import { Optional, Section } from "./section";

const SEVERITIES = ["low", "medium", "high", "critical"] as const;
const SCOPES = ["subject_and_camera", "subject", "rule"] as const;

/** How urgent an alert is, who is told, and when nobody is. */
export function ThenSection({ choices }: { choices: Choices }) {
  const { t } = useTranslation("rules");
  const who = useFormContext<RuleValues>().watch("who");
  const severities = [
    { value: "list" as const, label: who === "list" || who === "person" ? t("then.ofList") : t("then.low") },
    ...SEVERITIES.map((one) => ({ value: one, label: t(`kit:severity.${one}`) })),
  ];
  const channels = choices.channels.map(({ id, name, kind, is_active }) => ({
    value: id,
    label: name,
    description: is_active ? t(`kind.${kind}`) : `${t(`kind.${kind}`)} · ${t("then.channelOff")}`,
  }));
  const policies = [
    { value: "default", label: t("then.housePolicy") },
    { value: "none", label: t("then.noPolicy") },
    ...choices.policies.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <Section title={t("then.title")}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field<RuleValues, "severity"> name="severity" label={t("then.severity")}>
          {({ value, onChange }) => <Choice value={value} onChange={onChange} options={severities} />}
        </Field>
        <Field<RuleValues, "channel_ids"> name="channel_ids" label={t("then.channels")} hint={t("then.channelsHint")}>
          {({ value, onChange }) => (
            <Combobox multiple options={channels} value={value} onChange={onChange} empty={t("then.noChannels")} />
          )}
        </Field>
        <Field<RuleValues, "cooldown_seconds">
          name="cooldown_seconds"
          label={t("then.cooldown")}
          hint={t("then.cooldownHint")}
        >
          {({ value, onChange }) => <DurationInput value={value} onChange={onChange} />}
        </Field>
        <Field<RuleValues, "cooldown_scope"> name="cooldown_scope" label={t("then.scope")}>
          {({ value, onChange }) => (
            <Choice
              value={value}
              onChange={onChange}
              options={SCOPES.map((one) => ({ value: one, label: t(`scope.${one}`) }))}
            />
          )}
        </Field>
        <Field<RuleValues, "escalation"> name="escalation" label={t("then.escalation")} hint={t("then.escalationHint")}>
          {({ value, onChange }) => <Choice value={value} onChange={onChange} options={policies} />}
        </Field>
      </div>
      <Quiet />
    </Section>
  );
}

function Quiet() {
  const { t } = useTranslation("rules");
  const { watch, setValue } = useFormContext<RuleValues>();
  const quiet = useOptional<RuleValues>("quiet_hours", { ...ALWAYS, windows: [NIGHT], spares_critical: true });
  return (
    <Optional label={t("quiet.label")} hint={t("quiet.hint")} isOn={quiet.isOn} onToggle={quiet.toggle}>
      <ScheduleEditor name="quiet_hours" />
      <div className="flex items-center gap-2.5">
        <Switch
          id="spares-critical"
          checked={watch("quiet_hours.spares_critical") ?? true}
          onCheckedChange={(isOn) => setValue("quiet_hours.spares_critical", isOn, { shouldDirty: true })}
        />
        <Label htmlFor="spares-critical" className="font-normal">
          {t("quiet.critical")}
        </Label>
      </div>
    </Optional>
  );
}
