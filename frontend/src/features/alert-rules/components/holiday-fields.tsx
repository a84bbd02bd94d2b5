import { useState } from "react";
import { X } from "lucide-react";
import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { formatDate } from "@/lib/format";

import type { RuleValues } from "../lib/rule-values";
import { countries } from "../lib/zones";
import { Field } from "./field";
import type { ScheduleName } from "./schedule-editor";

/** Which days are holidays: by law of a country or a part of it, and days of the house. */
export function HolidayFields({ name }: { name: ScheduleName }) {
  const { t } = useTranslation("rules");
  const { watch, setValue } = useFormContext<RuleValues>();
  const country = watch(`${name}.holidays.country`);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field<RuleValues, `${ScheduleName}.holidays.country`>
        name={`${name}.holidays.country`}
        label={t("holidays.country")}
      >
        {({ value, onChange }) => (
          <Combobox
            options={countries()}
            value={value ?? null}
            onChange={(code) => {
              onChange(code);
              setValue(`${name}.holidays.subdivision`, null);
            }}
          />
        )}
      </Field>
      {country && (
        <Field<RuleValues, `${ScheduleName}.holidays.subdivision`>
          name={`${name}.holidays.subdivision`}
          label={t("holidays.part")}
          hint={t("holidays.partHint")}
        >
          {({ value, onChange, ...field }) => (
            <Input
              {...field}
              dir="ltr"
              maxLength={6}
              value={value ?? ""}
              onChange={(event) => onChange(event.target.value.toUpperCase() || null)}
            />
          )}
        </Field>
      )}
      <Field<RuleValues, `${ScheduleName}.holidays.dates`>
        name={`${name}.holidays.dates`}
        label={t("holidays.own")}
        className="sm:col-span-2"
      >
        {({ value, onChange }) => <Dates value={value} onChange={onChange} />}
      </Field>
    </div>
  );
}

function Dates({ value = [], onChange, ...control }: { value?: string[]; onChange: (dates: string[]) => void }) {
  const { t } = useTranslation("rules");
  const [day, setDay] = useState("");
  const add = () => {
    if (day && !value.includes(day)) onChange([...value, day].toSorted());
    setDay("");
  };
  return (
    <div className="grid gap-2">
      <div className="flex gap-2">
        <Input {...control} type="date" className="w-44" value={day} onChange={(event) => setDay(event.target.value)} />
        <Button variant="outline" disabled={!day} onClick={add}>
          {t("common:add")}
        </Button>
      </div>
      {value.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {value.map((one) => (
            <li key={one} className="inline-flex items-center gap-1 rounded-sm border ps-2 text-xs tabular-nums">
              {formatDate(`${one}T12:00:00Z`, { timeZone: "UTC" })}
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("holidays.remove", { day: formatDate(`${one}T12:00:00Z`, { timeZone: "UTC" }) })}
                onClick={() => onChange(value.filter((other) => other !== one))}
              >
                <X aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
