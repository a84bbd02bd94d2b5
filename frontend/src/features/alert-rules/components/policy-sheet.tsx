import { useState } from "react";
import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useFieldArray, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { EscalationPolicyOut } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Sheet, SheetContent, SheetDescription, SheetFooter, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { isApiError } from "@/lib/errors";
import type { Tagged } from "@/lib/etag";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { useChoices } from "../api/use-choices";
import { readPolicy, useSavePolicy } from "../api/use-policies";
import { DurationInput } from "./duration-input";
import { Field } from "./field";

const schema = z.object({
  name: z.string().trim().min(1, "problem.name").max(100, "problem.long"),
  is_default: z.boolean(),
  steps: z
    .array(
      z.object({
        after_seconds: z
          .number({ error: "problem.number" })
          .int("problem.number")
          .min(5, "problem.short")
          .max(604_800, "problem.long"),
        raise_severity: z.boolean(),
        channel_ids: z.array(z.string()).max(20, "problem.channels"),
      }),
    )
    .max(10),
});
type Values = z.output<typeof schema>;
const STEP: Values["steps"][number] = { after_seconds: 300, raise_severity: true, channel_ids: [] };

export function PolicySheet({ policyId, onClose }: { policyId: string; onClose: () => void }) {
  const { t } = useTranslation("channels");
  const isNew = policyId === "new";
  const found = useQuery({
    queryKey: ["policy-to-edit", policyId],
    queryFn: () => readPolicy(policyId),
    enabled: !isNew,
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent className="sm:max-w-lg">
        <SheetHeader>
          <SheetTitle>{t(isNew ? "policy.add" : "policy.editTitle")}</SheetTitle>
          <SheetDescription>{t("policy.hint")}</SheetDescription>
        </SheetHeader>
        {isNew ? (
          <PolicyForm found={null} onClose={onClose} />
        ) : (
          <QueryView query={found} skeleton={<Skeleton className="h-72" />}>
            {(known) => <PolicyForm found={known} onClose={onClose} />}
          </QueryView>
        )}
      </SheetContent>
    </Sheet>
  );
}

function valuesOf({ name, is_default, steps }: EscalationPolicyOut): Values {
  return {
    name,
    is_default,
    steps: steps.map(({ channels, ...step }) => ({ ...step, channel_ids: channels.map(({ id }) => id) })),
  };
}

function PolicyForm({ found, onClose }: { found: Tagged<EscalationPolicyOut> | null; onClose: () => void }) {
  const { t } = useTranslation(["channels", "rules"]);
  const { channels } = useChoices();
  const save = useSavePolicy();
  const [etag, setEtag] = useState(found?.etag ?? "*");
  const form = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: found ? valuesOf(found.data) : { name: "", is_default: false, steps: [STEP] },
  });
  const { fields, append, remove } = useFieldArray({ control: form.control, name: "steps" });
  const submit = form.handleSubmit(async (body) => {
    try {
      await save.mutateAsync({ known: found && { id: found.data.id, etag }, body });
      toast.success(t("common:saved"));
      onClose();
    } catch (error) {
      if (found && isApiError(error, "precondition_failed")) {
        setEtag((await readPolicy(found.data.id)).etag);
        toast.warning(t("rules:changed.title"), { description: t("policy.saveAgain") });
      } else if (!applyFieldErrors(form, error)) toastError(error);
    }
  });
  return (
    <Form {...form}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field<Values, "name"> name="name" label={t("name")}>
          {(field) => <Input dir="auto" {...field} />}
        </Field>
        {fields.map((step, index) => (
          <fieldset key={step.id} className="grid gap-3 rounded-md border p-3">
            <legend className="px-1 text-xs font-medium">{t("policy.stepNumber", { number: index + 1 })}</legend>
            <Field<Values, `steps.${number}.after_seconds`>
              name={`steps.${index}.after_seconds`}
              label={t("policy.after")}
              hint={index > 0 ? t("policy.afterStep") : t("policy.afterRaised")}
            >
              {({ value, onChange }) => <DurationInput value={value} onChange={onChange} />}
            </Field>
            <Field<Values, `steps.${number}.channel_ids`>
              name={`steps.${index}.channel_ids`}
              label={t("rules:then.channels")}
            >
              {({ value, onChange }) => (
                <Combobox
                  multiple
                  options={channels.map(({ id, name, kind }) => ({
                    value: id,
                    label: name,
                    description: t(`rules:kind.${kind}`),
                  }))}
                  value={value}
                  onChange={onChange}
                  empty={t("rules:then.noChannels")}
                />
              )}
            </Field>
            <div className="flex items-center justify-between gap-2">
              <Field<Values, `steps.${number}.raise_severity`>
                name={`steps.${index}.raise_severity`}
                label={t("policy.raises")}
                className="flex flex-row-reverse items-center gap-2"
              >
                {({ value, onChange }) => <Checkbox checked={value} onCheckedChange={(is) => onChange(is === true)} />}
              </Field>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("policy.removeStep", { number: index + 1 })}
                onClick={() => remove(index)}
              >
                <Trash2 aria-hidden />
              </Button>
            </div>
          </fieldset>
        ))}
        <Button
          variant="outline"
          size="sm"
          className="w-fit"
          disabled={fields.length >= 10}
          onClick={() => append(STEP)}
        >
          <Plus aria-hidden />
          {t("policy.addStep")}
        </Button>
        <Field<Values, "is_default">
          name="is_default"
          label={t("policy.makeDefault")}
          className="flex flex-row-reverse items-center justify-end gap-2"
        >
          {({ value, onChange }) => (
            <Checkbox
              checked={value}
              disabled={found?.data.is_default}
              onCheckedChange={(is) => onChange(is === true)}
            />
          )}
        </Field>
        <SheetFooter>
          <Button variant="outline" onClick={onClose}>
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
