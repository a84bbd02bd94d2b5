import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useFormContext, useWatch, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { SheetFooter } from "@/components/ui/sheet";
import { Textarea } from "@/components/ui/textarea";
import { LANGUAGES } from "@/lib/i18n";

import { channelSchema, WITH_PICTURES, type ChannelValues } from "../lib/channel-values";
import { TIME_ZONES } from "../lib/zones";
import { Flag } from "./channel-flag";
import { KindFields } from "./channel-kind-fields";
import { Choice, NumberInput } from "./choice";
import { Field } from "./field";

interface Props {
  initial: ChannelValues;
  /** There is one, and it is kept unless another one is typed. */
  hasSecret?: boolean;
  onSave: (values: ChannelValues, form: UseFormReturn<ChannelValues>) => Promise<void>;
  onCancel: () => void;
}

export function ChannelForm({ initial, hasSecret = false, onSave, onCancel }: Props) {
  const { t } = useTranslation("channels");
  const form = useForm<ChannelValues>({ resolver: zodResolver(channelSchema), defaultValues: initial });
  return (
    <Form {...form}>
      <form
        onSubmit={form.handleSubmit((values) => onSave(values, form))}
        className="grid gap-4"
        autoComplete="off"
        noValidate
      >
        <Field<ChannelValues, "name"> name="name" label={t("name")}>
          {(field) => <Input dir="auto" {...field} />}
        </Field>
        <KindFields kind={initial.kind} hasSecret={hasSecret} />
        <Flag name="is_active" label={t("form.active")} hint={t("form.activeHint")} />
        {WITH_PICTURES.includes(initial.kind) && <Pictures />}
        <Shared />
        <SheetFooter>
          <Button variant="outline" onClick={onCancel}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={form.formState.isSubmitting}>
            {t("common:save")}
          </Button>
        </SheetFooter>
      </form>
    </Form>
  );
}

function Pictures() {
  const { t } = useTranslation("channels");
  const { control } = useFormContext<ChannelValues>();
  const isOn = useWatch({ control, name: "include_pictures" });
  return (
    <div className="grid gap-2">
      <Flag name="include_pictures" label={t("form.pictures")} hint={t("form.picturesHint")} />
      {isOn && (
        <Alert variant="warning" role="alert">
          <AlertDescription>{t("form.picturesWarning")}</AlertDescription>
        </Alert>
      )}
    </div>
  );
}

function Shared() {
  const { t } = useTranslation("channels");
  const languages = (Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]).map((one) => ({
    value: one,
    label: LANGUAGES[one],
  }));
  return (
    <details className="grid gap-3 rounded-md border px-3 py-2 open:pb-3">
      <summary className="cursor-pointer font-medium">{t("form.more")}</summary>
      <div className="grid gap-3 pt-3 sm:grid-cols-2">
        <Field<ChannelValues, "language"> name="language" label={t("form.language")}>
          {({ value, onChange }) => <Choice value={value} onChange={onChange} options={languages} />}
        </Field>
        <Field<ChannelValues, "time_zone"> name="time_zone" label={t("form.timeZone")}>
          {({ value, onChange }) => (
            <Combobox
              options={TIME_ZONES}
              value={value}
              onChange={(zone) => onChange(zone ?? "UTC")}
              clearable={false}
            />
          )}
        </Field>
        <Field<ChannelValues, "rate_per_minute">
          name="rate_per_minute"
          label={t("form.rate")}
          hint={t("form.rateHint")}
        >
          {({ value, onChange }) => <NumberInput value={value} onChange={onChange} min={1} max={6000} />}
        </Field>
        <Field<ChannelValues, "title_template">
          name="title_template"
          label={t("form.titleTemplate")}
          className="sm:col-span-2"
        >
          {(field) => <Input dir="auto" placeholder="$severity: $camera" {...field} />}
        </Field>
        <Field<ChannelValues, "text_template">
          name="text_template"
          label={t("form.textTemplate")}
          hint={t("form.templateHint")}
          className="sm:col-span-2"
        >
          {(field) => <Textarea dir="auto" rows={3} placeholder="$camera, $time: $link" {...field} />}
        </Field>
      </div>
    </details>
  );
}
