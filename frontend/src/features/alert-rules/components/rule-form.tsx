import { useState } from "react";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm, useWatch, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { WarningOut } from "@/client/types.gen";
import { TextField } from "@/components/text-field";
import { LeaveGuard } from "@/components/leave-guard";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/ui/form";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { serverDate } from "@/lib/clock";

import { useChoices } from "../api/use-choices";
import { useDryRun } from "../api/use-dry-run";
import { useNames } from "../api/use-names";
import { conditionsOf, ruleOf, ruleSchema, type RuleValues } from "../lib/rule-values";
import { sentence } from "../lib/sentence";
import { AskForDryRun } from "./ask-for-dry-run";
import { DryRunPanel } from "./dry-run-panel";
import { ThenSection } from "./then-section";
import { Warnings } from "./warnings";
import { WhenSection } from "./when-section";
import { WhereSection } from "./where-section";
import { WhoSection } from "./who-section";

interface Props {
  initial: RuleValues;
  /** Conditions that were in force before: they need no dry run. */
  inForce: string | null;
  warnings: WarningOut[];
  onSave: (values: RuleValues, form: UseFormReturn<RuleValues>) => Promise<void>;
  onCancel: () => void;
}

const DAY_MS = 86_400_000;

export function RuleForm({ initial, inForce, warnings, onSave, onCancel }: Props) {
  const { t } = useTranslation("rules");
  const choices = useChoices();
  const form = useForm<RuleValues>({ resolver: zodResolver(ruleSchema), defaultValues: initial });
  const dryRun = useDryRun();
  const [tried, setTried] = useState<{ conditions: string; days: number } | null>(null);
  const [waiting, setWaiting] = useState<RuleValues | null>(null);
  const values = useWatch({ control: form.control, compute: (all: RuleValues) => all });
  const now = conditionsOf(values);
  const rule = ruleOf(values);
  const names = useNames([rule]);
  const { isSubmitting, isDirty, isSubmitSuccessful } = form.formState;

  const run = (days: number) =>
    form.handleSubmit(async (checked) => {
      const until = serverDate();
      const since = new Date(until.getTime() - days * DAY_MS);
      setTried({ conditions: conditionsOf(checked), days });
      await dryRun
        .mutateAsync({ rule: ruleOf(checked), since: since.toISOString(), until: until.toISOString() })
        .catch(() => setTried(null)); // the panel shows why
    })();

  const save = form.handleSubmit(async (checked) => {
    const conditions = conditionsOf(checked);
    const isKnown = conditions === inForce || (dryRun.isSuccess && conditions === tried?.conditions);
    if (checked.is_active && !isKnown) setWaiting(checked);
    else await onSave(checked, form);
  });

  return (
    <Form {...form}>
      <form onSubmit={save} noValidate className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid gap-4">
          <div className="grid gap-3 rounded-lg border bg-card p-4 sm:grid-cols-[1fr_auto] sm:items-start">
            <TextField form={form} name="name" label={t("name")} says={(key) => t(key)} autoComplete="off" />
            <div className="flex items-center gap-2.5 sm:pt-7">
              <Switch
                id="rule-is-active"
                checked={values.is_active}
                onCheckedChange={(isOn) => form.setValue("is_active", isOn, { shouldDirty: true })}
              />
              <Label htmlFor="rule-is-active">{t("enabled")}</Label>
            </div>
          </div>
          <WhoSection choices={choices} />
          <WhereSection choices={choices} />
          <WhenSection />
          <ThenSection choices={choices} />
        </div>
        <div className="grid gap-4 xl:sticky xl:top-4">
          <section aria-label={t("inWords")} className="rounded-lg border border-primary/30 bg-primary/5 p-4">
            <p className="text-pretty">{sentence(rule, names, t)}</p>
          </section>
          <Warnings warnings={warnings} />
          <DryRunPanel
            result={
              dryRun.data && tried ? { run: dryRun.data, days: tried.days, isCurrent: tried.conditions === now } : null
            }
            error={dryRun.error}
            isRunning={dryRun.isPending}
            onRun={run}
          />
        </div>
        <div className="sticky bottom-0 -mx-4 flex justify-end gap-2 border-t bg-background px-4 py-3 xl:col-span-2">
          <Button variant="outline" onClick={onCancel}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={isSubmitting}>
            {t("save")}
          </Button>
        </div>
      </form>
      {waiting && (
        <AskForDryRun
          onTry={() => {
            setWaiting(null);
            void run(7);
          }}
          onSave={() => {
            setWaiting(null);
            void form.handleSubmit((checked) => onSave(checked, form))();
          }}
          onClose={() => setWaiting(null)}
        />
      )}
      <LeaveGuard isDirty={isDirty && !isSubmitting && !isSubmitSuccessful} />
    </Form>
  );
}
