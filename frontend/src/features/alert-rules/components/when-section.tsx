import { useTranslation } from "react-i18next";

import { ALWAYS, NIGHT, type RuleValues } from "../lib/rule-values";
import { Choice, NumberInput } from "./choice";
import { DurationInput } from "./duration-input";
import { Field, useOptional } from "./field";
import { ScheduleEditor } from "./schedule-editor";
import { Optional, Section } from "./section";
import { useFormContext } from "react-hook-form";

/** On which days, at which hours, and how often. */
export function WhenSection() {
  const { t } = useTranslation("rules");
  const { watch, setValue } = useFormContext<RuleValues>();
  const hasWindows = watch("schedule.windows").length > 0;
  return (
    <Section title={t("when.title")}>
      <Optional
        label={t("when.hours")}
        hint={hasWindows ? undefined : t("when.always")}
        isOn={hasWindows}
        onToggle={(isOn) =>
          setValue("schedule", isOn ? { ...ALWAYS, windows: [NIGHT] } : ALWAYS, { shouldDirty: true })
        }
      >
        <ScheduleEditor name="schedule" />
      </Optional>
      <Often />
    </Section>
  );
}

function Often() {
  const { t } = useTranslation("rules");
  const often = useOptional<RuleValues>("frequency", { count: 3, within_seconds: 3600, place: "camera" });
  const places = (["camera", "anywhere"] as const).map((one) => ({ value: one, label: t(`often.place.${one}`) }));
  return (
    <Optional label={t("often.label")} hint={t("often.hint")} isOn={often.isOn} onToggle={often.toggle}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field<RuleValues, "frequency.count"> name="frequency.count" label={t("often.count")}>
          {({ value, onChange }) => <NumberInput value={value} onChange={onChange} min={2} max={1000} />}
        </Field>
        <Field<RuleValues, "frequency.within_seconds"> name="frequency.within_seconds" label={t("often.within")}>
          {({ value, onChange }) => <DurationInput value={value} onChange={onChange} />}
        </Field>
        <Field<RuleValues, "frequency.place"> name="frequency.place" label={t("often.where")}>
          {({ value, onChange }) => <Choice value={value} onChange={onChange} options={places} />}
        </Field>
      </div>
    </Optional>
  );
}
