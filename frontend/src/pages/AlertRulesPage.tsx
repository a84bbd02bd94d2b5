import { useMemo, useState } from "react";
import { Plus, Siren } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { RuleOut } from "@/client/types.gen";
import { AlertsTabs } from "@/components/alerts-tabs";
import { Can } from "@/components/can";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useDeleteRule, useSwitchRule } from "@/features/alert-rules/api/use-rule-changes";
import { useRules } from "@/features/alert-rules/api/use-rules";
import { AskForDryRun } from "@/features/alert-rules/components/ask-for-dry-run";
import { RuleEditor } from "@/features/alert-rules/components/rule-editor";
import { RulesList, type RuleAction } from "@/features/alert-rules/components/rules-list";
import { SnoozeDialog } from "@/features/alert-rules/components/snooze-dialog";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";
import { toastError } from "@/lib/toast";

const address = z.object({ edit: z.string().default(""), copy: z.string().default("") });

export function Component() {
  const { t } = useTranslation("rules");
  const [{ edit, copy }, setAddress] = useUrlState(address);
  const mayManage = useAuth().hasPermission("manage_alert_rules");
  const isEditing = mayManage && edit !== "";
  const isNew = edit === "new";
  return (
    <div className="grid gap-4">
      <PageHeader
        title={isEditing ? t(isNew ? "newRule" : "editRule") : t("title")}
        description={isEditing ? undefined : t("description")}
        actions={
          !isEditing && (
            <Can permission="manage_alert_rules">
              <Button onClick={() => setAddress({ edit: "new", copy: "" })}>
                <Plus aria-hidden />
                {t("add")}
              </Button>
            </Can>
          )
        }
      >
        <AlertsTabs />
      </PageHeader>
      {isEditing ? (
        <RuleEditor
          key={`${edit} ${copy}`}
          ruleId={isNew ? null : edit}
          copyOf={copy || null}
          onDone={() => setAddress({ edit: "", copy: "" })}
        />
      ) : (
        <Rules onEdit={(change) => setAddress({ edit: "new", copy: "", ...change })} />
      )}
    </div>
  );
}

function Rules({ onEdit }: { onEdit: (change: { edit?: string; copy?: string }) => void }) {
  const { t } = useTranslation("rules");
  const rules = useRules();
  const [chosen, setChosen] = useState<{ action: RuleAction; rule: RuleOut } | null>(null);
  const items = useMemo(() => rules.data?.pages.flatMap((page) => page.items), [rules.data]);
  const act = (action: RuleAction, rule: RuleOut) => {
    if (action === "edit") onEdit({ edit: rule.id });
    else if (action === "copy") onEdit({ copy: rule.id });
    else setChosen({ action, rule });
  };
  return (
    <>
      <QueryView
        query={{ ...rules, data: items }}
        skeleton={<Skeleton className="h-72 rounded-lg" />}
        isEmpty={(found) => found.length === 0}
        empty={
          <EmptyState
            icon={Siren}
            title={t("none")}
            description={t("noneHint")}
            action={
              <Can permission="manage_alert_rules">
                <Button onClick={() => onEdit({})}>{t("add")}</Button>
              </Can>
            }
          />
        }
      >
        {(found) => <RulesList rules={found} onAction={act} />}
      </QueryView>
      {rules.hasNextPage && (
        <Button
          variant="outline"
          className="justify-self-center"
          loading={rules.isFetchingNextPage}
          onClick={() => void rules.fetchNextPage()}
        >
          {t("kit:more")}
        </Button>
      )}
      {chosen && <Chosen {...chosen} onClose={() => setChosen(null)} onTry={() => onEdit({ edit: chosen.rule.id })} />}
    </>
  );
}

interface ChosenProps {
  action: RuleAction;
  rule: RuleOut;
  onClose: () => void;
  onTry: () => void;
}

function Chosen({ action, rule, onClose, onTry }: ChosenProps) {
  const { t } = useTranslation("rules");
  const remove = useDeleteRule();
  const toggle = useSwitchRule();
  if (action === "snooze") return <SnoozeDialog rule={rule} onClose={onClose} />;
  if (action === "try") {
    const switchOn = () => {
      toggle.mutate({ ruleId: rule.id, isActive: true }, { onError: toastError });
      onClose();
    };
    return <AskForDryRun onTry={onTry} onSave={switchOn} onClose={onClose} />;
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t("delete.title", { name: rule.name })}
      description={t("delete.hint")}
      confirmLabel={t("common:delete")}
      destructive
      onConfirm={() => remove.mutateAsync(rule.id)}
    />
  );
}
