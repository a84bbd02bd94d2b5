import { zodResolver } from "@hookform/resolvers/zod";
import { Plus, X } from "lucide-react";
import { useFieldArray, useForm, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { Combobox } from "@/components/combobox";
import { TextField } from "@/components/text-field";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Form, FormControl, FormDescription, FormField, FormItem, FormLabel } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Switch } from "@/components/ui/switch";
import { Textarea } from "@/components/ui/textarea";

import { useWatchlistOptions } from "../api/use-watchlist-options";

const MOST_FIELDS = 49; // and the notes

const schema = z.object({
  name: z.string().trim().min(1, "form.nameMissing").max(200),
  external_id: z.string().trim().max(200),
  watchlist_id: z.string().nullable(),
  is_active: z.boolean(),
  alert_on_match: z.boolean(),
  expires_at: z.string(),
  notes: z.string().max(1000),
  fields: z.array(z.object({ key: z.string().max(64), text: z.string().max(1000) })),
});
export type SubjectValues = z.output<typeof schema>;

interface Props {
  initial: SubjectValues;
  submitLabel: string;
  onSubmit: (values: SubjectValues, form: UseFormReturn<SubjectValues>) => Promise<void>;
  onCancel: () => void;
}

export function SubjectForm({ initial, submitLabel, onSubmit, onCancel }: Props) {
  const { t } = useTranslation("subjects");
  const lists = useWatchlistOptions();
  const form = useForm<SubjectValues>({ resolver: zodResolver(schema), defaultValues: initial });
  const says = (key: string) => t(key);
  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit((values) => onSubmit(values, form))} className="grid gap-4" noValidate>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField form={form} name="name" label={t("name")} says={says} maxLength={200} autoComplete="off" />
          <TextField
            form={form}
            name="external_id"
            label={t("externalId")}
            hint={t("form.externalHint")}
            says={says}
            maxLength={200}
            autoComplete="off"
          />
          <FormField
            control={form.control}
            name="watchlist_id"
            render={({ field }) => (
              <FormItem>
                <FormLabel>{t("watchlist")}</FormLabel>
                <FormControl>
                  <Combobox options={lists} value={field.value} onChange={field.onChange} placeholder={t("noList")} />
                </FormControl>
                <FormDescription>{t("form.listHint")}</FormDescription>
              </FormItem>
            )}
          />
          <TextField
            form={form}
            name="expires_at"
            label={t("expires")}
            hint={t("form.expiresHint")}
            says={says}
            type="date"
          />
        </div>
        <Flag form={form} name="alert_on_match" label={t("form.alerts")} />
        <Flag form={form} name="is_active" label={t("form.active")} />
        <FormField
          control={form.control}
          name="notes"
          render={({ field }) => (
            <FormItem>
              <FormLabel>{t("notes")}</FormLabel>
              <FormControl>
                <Textarea dir="auto" rows={2} maxLength={1000} {...field} />
              </FormControl>
            </FormItem>
          )}
        />
        <OwnFields form={form} />
        <DialogFooter>
          <Button variant="outline" onClick={onCancel}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={form.formState.isSubmitting}>
            {submitLabel}
          </Button>
        </DialogFooter>
      </form>
    </Form>
  );
}

function OwnFields({ form }: { form: UseFormReturn<SubjectValues> }) {
  const { t } = useTranslation("subjects");
  const { fields, append, remove } = useFieldArray({ control: form.control, name: "fields" });
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium">{t("form.fields")}</legend>
      {fields.map((field, index) => (
        <div key={field.id} className="grid grid-cols-[2fr_3fr_auto] gap-2">
          <Input dir="auto" maxLength={64} aria-label={t("form.fieldName")} {...form.register(`fields.${index}.key`)} />
          <Input
            dir="auto"
            maxLength={1000}
            aria-label={t("form.fieldText")}
            {...form.register(`fields.${index}.text`)}
          />
          <Button variant="ghost" size="icon" aria-label={t("form.removeField")} onClick={() => remove(index)}>
            <X aria-hidden />
          </Button>
        </div>
      ))}
      {fields.length < MOST_FIELDS && (
        <Button variant="outline" size="sm" className="w-fit" onClick={() => append({ key: "", text: "" })}>
          <Plus aria-hidden />
          {t("form.addField")}
        </Button>
      )}
    </fieldset>
  );
}

interface FlagProps {
  form: UseFormReturn<SubjectValues>;
  name: "alert_on_match" | "is_active";
  label: string;
}

function Flag({ form, name, label }: FlagProps) {
  return (
    <FormField
      control={form.control}
      name={name}
      render={({ field }) => (
        <FormItem className="flex items-center gap-2">
          <FormControl>
            <Switch checked={field.value} onCheckedChange={field.onChange} />
          </FormControl>
          <FormLabel className="font-normal">{label}</FormLabel>
        </FormItem>
      )}
    />
  );
}
