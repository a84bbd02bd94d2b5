import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";

import type { Choices } from "../api/use-choices";
import type { RuleValues } from "../lib/rule-values";
import { Choice } from "./choice";
import { Field } from "./field";
import { Section } from "./section";
import { ZoneField } from "./zone-field";

const WHERE = ["anywhere", "camera", "group"] as const;

/** Which cameras, and which part of one's picture. */
export function WhereSection({ choices }: { choices: Choices }) {
  const { t } = useTranslation("rules");
  const { watch, setValue } = useFormContext<RuleValues>();
  const where = watch("where");
  const cameraId = watch("camera_id");
  return (
    <Section title={t("where.title")}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field<RuleValues, "where"> name="where" label={t("where.label")}>
          {({ value, onChange }) => (
            <Choice
              value={value}
              onChange={onChange}
              options={WHERE.map((one) => ({ value: one, label: t(`where.${one}`) }))}
            />
          )}
        </Field>
        {where === "camera" && (
          <Field<RuleValues, "camera_id"> name="camera_id" label={t("camera")}>
            {({ value, onChange }) => (
              <Combobox
                options={choices.cameras.map(({ id, name, location }) => ({
                  value: id,
                  label: name,
                  description: location,
                }))}
                value={value}
                onChange={(id) => {
                  onChange(id);
                  setValue("zone", null); // corners of another picture
                }}
              />
            )}
          </Field>
        )}
        {where === "group" && (
          <Field<RuleValues, "group_id"> name="group_id" label={t("group")}>
            {({ value, onChange }) => (
              <Combobox
                options={choices.groups.map(({ id, name }) => ({ value: id, label: name }))}
                value={value}
                onChange={onChange}
              />
            )}
          </Field>
        )}
      </div>
      {where === "camera" && cameraId && <ZoneField cameraId={cameraId} />}
    </Section>
  );
}
