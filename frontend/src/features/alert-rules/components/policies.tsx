import { useState } from "react";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { EscalationPolicyOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { QueryView } from "@/components/query-view";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useAuth } from "@/hooks/use-auth";
import { formatDuration } from "@/lib/format";

import { useDeletePolicy, usePolicies } from "../api/use-policies";
import { PolicySheet } from "./policy-sheet";

/** Who is told next while nobody acknowledges. */
export function Policies() {
  const { t } = useTranslation("channels");
  const policies = usePolicies();
  const mayManage = useAuth().hasPermission("manage_channels");
  const remove = useDeletePolicy();
  const [editing, setEditing] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<EscalationPolicyOut | null>(null);
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="max-w-prose text-muted-foreground">{t("policy.hint")}</p>
        {mayManage && (
          <Button variant="outline" onClick={() => setEditing("new")}>
            <Plus aria-hidden />
            {t("policy.add")}
          </Button>
        )}
      </div>
      <QueryView query={policies} skeleton={<Skeleton className="h-40 rounded-lg" />}>
        {({ items }) => (
          <ul aria-label={t("policies")} className="divide-y rounded-lg border bg-card">
            {items.map((policy) => (
              <li key={policy.id} className="flex items-start justify-between gap-3 px-4 py-3">
                <Policy policy={policy} />
                {mayManage && (
                  <div className="flex gap-1">
                    <Button
                      variant="ghost"
                      size="icon-sm"
                      aria-label={t("policy.edit", { name: policy.name })}
                      onClick={() => setEditing(policy.id)}
                    >
                      <Pencil aria-hidden />
                    </Button>
                    {!policy.is_default && (
                      <Button
                        variant="ghost"
                        size="icon-sm"
                        aria-label={t("policy.delete", { name: policy.name })}
                        onClick={() => setDeleting(policy)}
                      >
                        <Trash2 aria-hidden />
                      </Button>
                    )}
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {editing && <PolicySheet policyId={editing} onClose={() => setEditing(null)} />}
      {deleting && (
        <ConfirmDialog
          open
          onOpenChange={(isOpen) => !isOpen && setDeleting(null)}
          title={t("deleteTitle", { name: deleting.name })}
          description={t("policy.deleteHint")}
          confirmLabel={t("common:delete")}
          destructive
          onConfirm={() => remove.mutateAsync(deleting.id)}
        />
      )}
    </div>
  );
}

function Policy({ policy }: { policy: EscalationPolicyOut }) {
  const { t } = useTranslation("channels");
  return (
    <div className="grid min-w-0 gap-1">
      <div className="flex flex-wrap items-center gap-2">
        <bdi className="truncate font-medium">{policy.name}</bdi>
        {policy.is_default && <Badge variant="default">{t("policy.default")}</Badge>}
      </div>
      <ol className="grid gap-0.5 text-muted-foreground">
        {policy.steps.map((step, index) => (
          <li key={index}>
            {t("policy.step", { time: formatDuration(step.after_seconds) })}{" "}
            {step.channels.length > 0
              ? t("policy.tells", { names: step.channels.map(({ name }) => name).join(", ") })
              : t("policy.tellsNobody")}
            {step.raise_severity && ` · ${t("policy.raises")}`}
          </li>
        ))}
      </ol>
      {policy.warnings.map(({ code, step, message }) => (
        <p key={`${code} ${step}`} className="text-xs text-warning">
          {t(`policy.warning.${code}`, { number: step, defaultValue: message })}
        </p>
      ))}
    </div>
  );
}
