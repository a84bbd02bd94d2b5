import { useState } from "react";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { TextField } from "@/components/text-field";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Form, FormControl, FormDescription, FormField, FormItem, FormLabel } from "@/components/ui/form";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { Textarea } from "@/components/ui/textarea";
import { serverDate } from "@/lib/clock";

import { dayOf, lastDay } from "../lib/terms";

const PRIORITIES = [5, 4, 3, 2, 1] as const;

const schema = z
  .object({
    name: z.string().trim().min(1, "form.nameMissing").max(100),
    description: z.string().max(2000),
    color: z.string().regex(/^#[0-9a-fA-F]{6}$/),
    priority: z.number().int().min(1).max(5),
    is_active: z.boolean(),
    legal_basis: z.string().trim().min(1, "form.legalBasisMissing").max(500),
    approver: z.string().trim().min(1, "form.approverMissing").max(500),
    review_date: z.string(),
    expires_at: z.string().min(1, "form.expiresMissing"),
  })
  .refine(({ review_date, expires_at }) => review_date <= expires_at, {
    path: ["review_date"],
    message: "form.reviewLate",
  });
export type WatchlistValues = z.output<typeof schema>;

interface Props {
  initial: WatchlistValues;
  submitLabel: string;
  onSubmit: (values: WatchlistValues, form: UseFormReturn<WatchlistValues>) => Promise<void>;
  onCancel: () => void;
}

export function WatchlistForm({ initial, submitLabel, onSubmit, onCancel }: Props) {
  const { t } = useTranslation("watchlists");
  const form = useForm<WatchlistValues>({ resolver: zodResolver(schema), defaultValues: initial });
  const says = (key: string) => t(key);
  const [days] = useState(() => ({ min: dayOf(serverDate()), max: lastDay(serverDate()) }));
  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit((values) => onSubmit(values, form))} className="grid gap-4" noValidate>
        <div className="grid gap-4 sm:grid-cols-[1fr_auto]">
          <TextField form={form} name="name" label={t("name")} says={says} maxLength={100} autoComplete="off" />
          <TextField
            form={form}
            name="color"
            label={t("color")}
            says={says}
            type="color"
            className="w-16 p-1"
            dir="ltr"
          />
        </div>
        <Priority form={form} />
        <TextField
          form={form}
          name="legal_basis"
          label={t("legalBasis")}
          hint={t("form.legalBasisHint")}
          says={says}
          maxLength={500}
        />
        <TextField
          form={form}
          name="approver"
          label={t("approver")}
          hint={t("form.approverHint")}
          says={says}
          maxLength={500}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            form={form}
            name="expires_at"
            label={t("expires")}
            hint={t("form.expiresHint")}
            says={says}
            type="date"
            {...days}
          />
          <TextField
            form={form}
            name="review_date"
            label={t("review")}
            hint={t("form.reviewHint")}
            says={says}
            type="date"
            max={days.max}
          />
        </div>
        <FormField
          control={form.control}
          name="description"
          render={({ field }) => (
            <FormItem>
              <FormLabel>{t("description")}</FormLabel>
              <FormControl>
                <Textarea dir="auto" rows={2} maxLength={2000} {...field} />
              </FormControl>
            </FormItem>
          )}
        />
        <FormField
          control={form.control}
          name="is_active"
          render={({ field }) => (
            <FormItem className="flex items-center gap-2">
              <FormControl>
                <Switch checked={field.value} onCheckedChange={field.onChange} />
              </FormControl>
              <FormLabel className="font-normal">{t("form.active")}</FormLabel>
            </FormItem>
          )}
        />
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

function Priority({ form }: { form: UseFormReturn<WatchlistValues> }) {
  const { t } = useTranslation("watchlists");
  return (
    <FormField
      control={form.control}
      name="priority"
      render={({ field }) => (
        <FormItem>
          <FormLabel>{t("priority")}</FormLabel>
          <Select value={String(field.value)} onValueChange={(chosen) => field.onChange(Number(chosen))}>
            <FormControl>
              <SelectTrigger>
                <SelectValue />
              </SelectTrigger>
            </FormControl>
            <SelectContent>
              {PRIORITIES.map((priority) => (
                <SelectItem key={priority} value={String(priority)}>
                  {t(`priorities.${priority}`)}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
          <FormDescription>{t("form.priorityHint")}</FormDescription>
        </FormItem>
      )}
    />
  );
}
