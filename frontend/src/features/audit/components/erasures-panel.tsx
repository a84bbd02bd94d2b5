import { useState } from "react";
import { Download, Eraser } from "lucide-react";
import { useTranslation } from "react-i18next";

import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { FileDrop } from "@/components/file-drop";
import { LoadMore } from "@/components/load-more";
import { QueryView } from "@/components/query-view";
import { Timestamp } from "@/components/timestamp";
import { Alert, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { saveText } from "@/lib/save";
import { toastError } from "@/lib/toast";

import { useErasures, useVerifyReceipt } from "../api/use-audit";

/** Who was erased when, with the receipts; and whether a receipt is ours. */
export function ErasuresPanel() {
  const { t } = useTranslation("audit");
  const erasures = useErasures();
  return (
    <section className="grid grid-cols-1 gap-3">
      <h2 className="text-base font-semibold">{t("erasures.title")}</h2>
      <CheckReceipt />
      <QueryView
        query={erasures}
        skeleton={<Skeleton className="h-64" />}
        isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
        empty={<EmptyState icon={Eraser} title={t("erasures.none")} description={t("erasures.noneHint")} />}
      >
        {({ pages }) => (
          <DataTable
            caption={t("erasures.title")}
            rows={pages.flatMap((page) => page.items)}
            getRowId={({ id }) => id}
            columns={[
              { id: "at", header: t("erasures.at"), cell: (row) => <Timestamp value={row.created_at} /> },
              { id: "reason", header: t("erasures.reason"), cell: ({ reason }) => t(`reason.${reason}`) },
              {
                id: "reference",
                header: t("erasures.reference"),
                cell: (row) => <bdi>{row.reference}</bdi>,
                hideOnPhone: true,
              },
              {
                id: "receipt",
                header: t("erasures.receipt"),
                cell: ({ id, receipt }) =>
                  receipt ? (
                    <Button
                      size="sm"
                      variant="outline"
                      onClick={() => saveText(`erasure-${id}.jws`, receipt, "application/jose")}
                    >
                      <Download aria-hidden />
                      {t("erasures.download")}
                    </Button>
                  ) : (
                    t("erasures.pending")
                  ),
              },
            ]}
          />
        )}
      </QueryView>
      {erasures.hasNextPage && (
        <LoadMore needsButton isLoading={erasures.isFetchingNextPage} onMore={() => void erasures.fetchNextPage()} />
      )}
    </section>
  );
}

function CheckReceipt() {
  const { t } = useTranslation("audit");
  const [text, setText] = useState("");
  const check = useVerifyReceipt();
  function take(given: string) {
    setText(given);
    check.reset();
  }
  const verdict = check.data && (!check.data.valid ? "invalid" : check.data.known ? "valid" : "unknown");
  return (
    <div className="grid gap-2 rounded-md border bg-card p-3">
      <h3 className="font-medium">{t("verify.title")}</h3>
      <FileDrop
        accept=".jws,.txt"
        maxBytes={200_000}
        hint={t("verify.drop")}
        onFiles={(files) => void files[0]?.text().then(take, toastError)}
      />
      <Textarea
        dir="ltr"
        rows={3}
        aria-label={t("verify.paste")}
        placeholder={t("verify.paste")}
        value={text}
        onChange={(event) => take(event.target.value)}
      />
      <Button
        className="justify-self-start"
        disabled={!text.trim()}
        loading={check.isPending}
        onClick={() => check.mutate(text, { onError: toastError })}
      >
        {t("verify.do")}
      </Button>
      {verdict && (
        <Alert
          role="alert"
          variant={verdict === "valid" ? "success" : verdict === "unknown" ? "warning" : "destructive"}
        >
          <AlertTitle>{t(`verify.${verdict}`)}</AlertTitle>
        </Alert>
      )}
    </div>
  );
}
