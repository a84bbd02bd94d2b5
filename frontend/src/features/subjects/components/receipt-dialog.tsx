import { Download, LoaderCircle, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { ErasureDetail } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Timestamp } from "@/components/timestamp";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { formatDate, formatNumber } from "@/lib/format";
import { saveText } from "@/lib/save";
import { toastError } from "@/lib/toast";

import { useErasure, useVerifyReceipt } from "../api/use-delete-subject";

/** What was erased, signed, to be kept: it is the proof. */
export function ReceiptDialog({ erasureId, onClose }: { erasureId: string; onClose: () => void }) {
  const { t } = useTranslation("subjects");
  const erasure = useErasure(erasureId);
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent className="sm:max-w-xl">
        <DialogHeader>
          <DialogTitle>{t("receipt.title")}</DialogTitle>
          <DialogDescription>{t("receipt.hint")}</DialogDescription>
        </DialogHeader>
        <QueryView query={erasure} skeleton={<Skeleton className="h-64 w-full" />}>
          {(data) => <Receipt erasure={data} />}
        </QueryView>
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            {t("common:close")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

function Receipt({ erasure: { id, receipt, content, completed_at, reference, reason } }: { erasure: ErasureDetail }) {
  const { t } = useTranslation("subjects");
  const check = useVerifyReceipt();
  if (!receipt || !content)
    return (
      <p role="status" className="flex items-center gap-2">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        {t("receipt.pending")}
      </p>
    );
  const facts = [
    [t("erase.reason"), t(`erase.reasons.${reason}`)],
    [t("erase.reference"), reference || "–"],
    [t("receipt.files"), formatNumber(content.objects.removed)],
    [t("receipt.records"), formatNumber(content.removed.reduce((sum, { amount }) => sum + amount, 0))],
    [t("receipt.backups"), formatDate(`${content.backups_expire_on}T00:00:00`)],
  ];
  return (
    <div className="grid gap-3">
      <Alert variant={content.clean ? "success" : "destructive"}>
        <AlertDescription>
          {t(content.clean ? "receipt.clean" : "receipt.unclean")}
          {content.searched
            .filter(({ hits }) => hits > 0)
            .map(({ place, hits }) => (
              <code key={place} dir="ltr" className="block">
                {place}: {formatNumber(hits)}
              </code>
            ))}
        </AlertDescription>
      </Alert>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted-foreground">{t("receipt.completed")}</dt>
        <dd>
          <Timestamp value={completed_at} seconds />
        </dd>
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted-foreground">{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {content.kept.length > 0 && (
        <ul className="grid gap-0.5 text-xs text-muted-foreground" aria-label={t("receipt.kept")}>
          {content.kept.map(({ place, why }) => (
            <li key={place} dir="ltr">
              {place}: {why}
            </li>
          ))}
        </ul>
      )}
      <p className="text-xs text-muted-foreground">{t("receipt.verifyHint", { keys: "/v1/erasures/keys" })}</p>
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={() => saveText(`erasure-${id}.jws`, receipt, "application/jose")}>
          <Download aria-hidden />
          {t("receipt.download")}
        </Button>
        <Button
          variant="outline"
          loading={check.isPending}
          onClick={() => check.mutate(receipt, { onError: toastError })}
        >
          <ShieldCheck aria-hidden />
          {t("receipt.check")}
        </Button>
        {check.data && (
          <span role="status" className={check.data.valid ? "text-success" : "text-destructive"}>
            {t(check.data.valid && check.data.known ? "receipt.valid" : "receipt.invalid")}
          </span>
        )}
      </div>
    </div>
  );
}
