import { Plus, Trash2 } from "lucide-react";
import { useFieldArray, useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";

import { NIGHT, WEEKDAYS, type RuleValues } from "../lib/rule-values";
import { dayName } from "../lib/sentence";
import { TIME_ZONES } from "../lib/zones";
import { Choice } from "./choice";
import { Field } from "./field";
import { HolidayFields } from "./holiday-fields";

export type ScheduleName = "schedule" | "quiet_hours";

/** Windows by the clock on the wall, the zone of that clock, and what holidays change. */
export function ScheduleEditor({ name }: { name: ScheduleName }) {
  const { t } = useTranslation("rules");
  const { control, watch } = useFormContext<RuleValues>();
  const { fields, append, remove } = useFieldArray({ control, name: `${name}.windows` });
  const usesHolidays = (watch(`${name}.windows`) ?? []).some(({ holidays }) => holidays !== "any");
  return (
    <div className="grid gap-3">
      {fields.map((field, index) => (
        <WindowFields
          key={field.id}
          name={name}
          index={index}
          onRemove={name === "quiet_hours" && fields.length === 1 ? undefined : () => remove(index)}
        />
      ))}
      <Button
        variant="outline"
        size="sm"
        className="w-fit"
        disabled={fields.length >= 21}
        onClick={() => append(NIGHT)}
      >
        <Plus aria-hidden />
        {t("window.add")}
      </Button>
      <Field<RuleValues, `${ScheduleName}.time_zone`>
        name={`${name}.time_zone`}
        label={t("zone.label")}
        hint={t("zone.hint")}
        className="max-w-xs"
      >
        {({ value, onChange }) => (
          <Combobox options={TIME_ZONES} value={value ?? null} onChange={onChange} placeholder={t("zone.camera")} />
        )}
      </Field>
      {usesHolidays && <HolidayFields name={name} />}
    </div>
  );
}

function WindowFields({ name, index, onRemove }: { name: ScheduleName; index: number; onRemove?: () => void }) {
  const { t } = useTranslation("rules");
  const { watch } = useFormContext<RuleValues>();
  const at = `${name}.windows.${index}` as const;
  const [from, to] = [watch(`${at}.from`), watch(`${at}.to`)];
  const uses = (["any", "not_on", "only"] as const).map((one) => ({ value: one, label: t(`window.holidays.${one}`) }));
  return (
    <fieldset className="grid gap-2 rounded-md border p-3">
      <legend className="sr-only">{t("window.number", { number: index + 1 })}</legend>
      <Field<RuleValues, `${typeof at}.days`> name={`${at}.days`} label={t("window.days")}>
        {({ value, onChange, ...field }) => (
          <ToggleGroup
            type="multiple"
            className="flex-wrap"
            aria-label={t("window.days")}
            value={value}
            onValueChange={(days) => onChange(WEEKDAYS.filter((day) => days.includes(day)))}
            ref={field.ref}
          >
            {WEEKDAYS.map((day) => (
              <ToggleGroupItem key={day} value={day} aria-label={dayName(day, "long")}>
                {dayName(day)}
              </ToggleGroupItem>
            ))}
          </ToggleGroup>
        )}
      </Field>
      <div className="flex flex-wrap items-start gap-2">
        <Field<RuleValues, `${typeof at}.from`> name={`${at}.from`} label={t("window.from")} className="w-28">
          {(field) => <Input type="time" {...field} />}
        </Field>
        <Field<RuleValues, `${typeof at}.to`>
          name={`${at}.to`}
          label={t("window.to")}
          hint={to !== "24:00" && to < from ? t("window.nextDay") : undefined}
          className="w-28"
        >
          {({ value, onChange, ...field }) => (
            // Fields for times know no 24:00: midnight as an end is the end of the day.
            <Input
              type="time"
              {...field}
              value={value === "24:00" ? "00:00" : value}
              onChange={(event) => onChange(event.target.value === "00:00" ? "24:00" : event.target.value)}
            />
          )}
        </Field>
        <Field<RuleValues, `${typeof at}.holidays`>
          name={`${at}.holidays`}
          label={t("window.onHolidays")}
          className="min-w-44 flex-1"
        >
          {({ value, onChange }) => <Choice value={value} onChange={onChange} options={uses} />}
        </Field>
        {onRemove && (
          <Button variant="ghost" size="icon" className="mt-5" aria-label={t("window.remove")} onClick={onRemove}>
            <Trash2 aria-hidden />
          </Button>
        )}
      </div>
    </fieldset>
  );
}
