import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";

import type { Choices } from "../api/use-choices";
import type { RuleValues } from "../lib/rule-values";
import { Choice, NumberInput } from "./choice";
import { DurationInput } from "./duration-input";
import { Field, useOptional } from "./field";
import { Optional, Section } from "./section";
import { SubjectPicker } from "./subject-picker";
import { RatePicker } from "./rate-picker";

const WHO = ["list", "person", "unknown", "anybody"] as const;

/** Whom a rule is about, and how sure a match has to be. */
export function WhoSection({ choices }: { choices: Choices }) {
  const { t } = useTranslation("rules");
  const who = useFormContext<RuleValues>().watch("who");
  const lists = choices.watchlists.map(({ id, name }) => ({ value: String(id), label: name }));
  return (
    <Section title={t("who.title")}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field<RuleValues, "who"> name="who" label={t("who.label")} hint={t(`who.hint.${who}`)}>
          {({ value, onChange }) => (
            <Choice
              value={value}
              onChange={onChange}
              options={WHO.map((one) => ({ value: one, label: t(`who.${one}`) }))}
            />
          )}
        </Field>
        {who === "person" && (
          <Field<RuleValues, "subject_id"> name="subject_id" label={t("person")}>
            {({ value, onChange }) => <SubjectPicker value={value} onChange={onChange} />}
          </Field>
        )}
        {(who === "list" || who === "person") && (
          <Field<RuleValues, "watchlist_id">
            name="watchlist_id"
            label={t("list")}
            hint={who === "person" ? t("who.listHint") : undefined}
          >
            {({ value, onChange }) => (
              <Combobox
                options={lists}
                value={value === null ? null : String(value)}
                onChange={(id) => onChange(id === null ? null : Number(id))}
              />
            )}
          </Field>
        )}
        {who === "unknown" && (
          <Field<RuleValues, "unknown_after_seconds">
            name="unknown_after_seconds"
            label={t("who.after")}
            hint={t("who.afterHint")}
          >
            {({ value, onChange }) => <DurationInput value={value} onChange={onChange} />}
          </Field>
        )}
      </div>
      {who === "person" && <Together />}
      {who !== "unknown" && <Certainty />}
    </Section>
  );
}

function Together() {
  const { t } = useTranslation("rules");
  const together = useOptional<RuleValues>("co_presence", { subject_id: "", within_seconds: 60, place: "camera" });
  const places = (["camera", "group"] as const).map((one) => ({ value: one, label: t(`together.place.${one}`) }));
  return (
    <Optional label={t("together.label")} hint={t("together.hint")} isOn={together.isOn} onToggle={together.toggle}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field<RuleValues, "co_presence.subject_id"> name="co_presence.subject_id" label={t("together.person")}>
          {({ value, onChange }) => <SubjectPicker value={value} onChange={(id) => onChange(id ?? "")} />}
        </Field>
        <Field<RuleValues, "co_presence.within_seconds"> name="co_presence.within_seconds" label={t("together.within")}>
          {({ value, onChange }) => <DurationInput value={value} onChange={onChange} />}
        </Field>
        <Field<RuleValues, "co_presence.place"> name="co_presence.place" label={t("together.where")}>
          {({ value, onChange }) => <Choice value={value} onChange={onChange} options={places} />}
        </Field>
      </div>
    </Optional>
  );
}

function Certainty() {
  const { t } = useTranslation("rules");
  return (
    <div className="grid gap-3 border-t pt-3 sm:grid-cols-2">
      <Field<RuleValues, "max_fmr"> name="max_fmr" label={t("sure.rate")} hint={t("sure.rateHint")}>
        {({ value, onChange }) => <RatePicker value={value} onChange={onChange} />}
      </Field>
      <Field<RuleValues, "min_similarity">
        name="min_similarity"
        label={t("sure.similarity")}
        hint={t("sure.similarityHint")}
      >
        {({ value, onChange }) => (
          <NumberInput value={value} onChange={onChange} min={-1} max={1} step={0.01} placeholder={t("sure.match")} />
        )}
      </Field>
    </div>
  );
}
