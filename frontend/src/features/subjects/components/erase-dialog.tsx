import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import type { ErasureReason, SubjectOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";

import { useDeleteSubject } from "../api/use-delete-subject";

const REASONS: ErasureReason[] = [
  "request",
  "objection",
  "consent_withdrawn",
  "purpose_ended",
  "unlawful",
  "legal_order",
  "unspecified",
];

/** Erases somebody for good; then the receipt is shown. */
export function EraseDialog({ subject, onClose }: { subject: SubjectOut; onClose: () => void }) {
  const { t } = useTranslation("subjects");
  const id = useId();
  const navigate = useNavigate();
  const erase = useDeleteSubject();
  const [reason, setReason] = useState<ErasureReason>("request");
  const [reference, setReference] = useState("");

  async function confirm() {
    const erased = await erase.mutateAsync({ subjectId: subject.id, reason, reference: reference.trim() });
    await navigate(`/subjects?receipt=${erased.id}`, { replace: true });
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t("erase.title", { name: subject.name })}
      description={t("erase.hint")}
      confirmLabel={t("erase.confirm")}
      destructive
      requireText={subject.name}
      onConfirm={confirm}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="grid content-start gap-1.5">
          <Label htmlFor={`${id}-reason`}>{t("erase.reason")}</Label>
          <Select
            value={reason}
            onValueChange={(value) => setReason(REASONS.find((one) => one === value) ?? "unspecified")}
          >
            <SelectTrigger id={`${id}-reason`}>
              <SelectValue />
            </SelectTrigger>
            <SelectContent>
              {REASONS.map((one) => (
                <SelectItem key={one} value={one}>
                  {t(`erase.reasons.${one}`)}
                </SelectItem>
              ))}
            </SelectContent>
          </Select>
        </div>
        <div className="grid content-start gap-1.5">
          <Label htmlFor={`${id}-reference`}>{t("erase.reference")}</Label>
          <Input
            id={`${id}-reference`}
            dir="ltr"
            maxLength={100}
            pattern="[A-Za-z0-9 ._/#\-]*"
            aria-describedby={`${id}-hint`}
            value={reference}
            onChange={(event) => setReference(event.target.value.replaceAll(/[^A-Za-z0-9 ._/#-]/g, ""))}
          />
          <span id={`${id}-hint`} className="text-xs text-muted-foreground">
            {t("erase.referenceHint")}
          </span>
        </div>
      </div>
    </ConfirmDialog>
  );
}
