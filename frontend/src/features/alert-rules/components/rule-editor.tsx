import { useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { RuleOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { isApiError } from "@/lib/errors";
import { applyFieldErrors } from "@/lib/form-errors";
import type { Tagged } from "@/lib/etag";
import { toast, toastError } from "@/lib/toast";

import { readRule, useRule } from "../api/use-rule";
import { useCreateRule, useReplaceRule } from "../api/use-rule-changes";
import { conditionsOf, FIELD_NAMES, NEW_RULE, ruleOf, valuesOf, type RuleValues } from "../lib/rule-values";
import { RuleForm } from "./rule-form";

interface Props {
  /** Null: a new one. */
  ruleId: string | null;
  /** A new one begins as this one is. */
  copyOf: string | null;
  onDone: () => void;
}

export function RuleEditor({ ruleId, copyOf, onDone }: Props) {
  const { t } = useTranslation("rules");
  const source = useRule(ruleId ?? copyOf);
  if (ruleId === null && copyOf === null) return <NewRule initial={NEW_RULE} onDone={onDone} />;
  return (
    <QueryView query={source} skeleton={<Skeleton className="h-[60vh] rounded-lg" />}>
      {(found) =>
        ruleId === null ? (
          <NewRule
            initial={{ ...valuesOf(found.data), name: t("copyName", { name: found.data.name }), snoozed_until: null }}
            onDone={onDone}
          />
        ) : (
          <KnownRule found={found} onDone={onDone} />
        )
      }
    </QueryView>
  );
}

function NewRule({ initial, onDone }: { initial: RuleValues; onDone: () => void }) {
  const { t } = useTranslation("rules");
  const create = useCreateRule();
  const save = async (values: RuleValues, form: UseFormReturn<RuleValues>) => {
    try {
      const made = await create.mutateAsync(ruleOf(values));
      form.reset(values);
      toast.success(t("made", { name: made.name }));
      onDone();
    } catch (error) {
      if (!applyFieldErrors(form, error, FIELD_NAMES)) toastError(error);
    }
  };
  return <RuleForm initial={initial} inForce={null} warnings={[]} onSave={save} onCancel={onDone} />;
}

function KnownRule({ found, onDone }: { found: Tagged<RuleOut>; onDone: () => void }) {
  const { t } = useTranslation("rules");
  const replace = useReplaceRule();
  const [current, setCurrent] = useState(found);
  const [theirs, setTheirs] = useState<Tagged<RuleOut> | null>(null);
  const initial = valuesOf(current.data);

  const save = async (values: RuleValues, form: UseFormReturn<RuleValues>) => {
    try {
      // Typed over what somebody else saved: that is what was decided above the form.
      const etag = (theirs ?? current).etag;
      await replace.mutateAsync({ ruleId: current.data.id, etag, body: ruleOf(values) });
      form.reset(values);
      toast.success(t("common:saved"));
      onDone();
    } catch (error) {
      if (isApiError(error, "precondition_failed")) setTheirs(await readRule(current.data.id));
      else if (!applyFieldErrors(form, error, FIELD_NAMES)) toastError(error);
    }
  };

  return (
    <div className="grid gap-4">
      {theirs && (
        <Alert variant="warning" role="alert">
          <AlertTitle>{t("changed.title")}</AlertTitle>
          <AlertDescription className="grid gap-2">
            {t("changed.hint")}
            <Button
              variant="outline"
              size="sm"
              className="w-fit"
              onClick={() => {
                setCurrent(theirs);
                setTheirs(null);
              }}
            >
              {t("changed.reload")}
            </Button>
          </AlertDescription>
        </Alert>
      )}
      <RuleForm
        key={current.etag}
        initial={initial}
        inForce={current.data.is_active ? conditionsOf(initial) : null}
        warnings={current.data.warnings}
        onSave={save}
        onCancel={onDone}
      />
    </div>
  );
}
