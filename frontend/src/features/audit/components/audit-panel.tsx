import { useState } from "react";
import { Download, ScrollText, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { AuditEntryOut } from "@/client/types.gen";
import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { Timestamp } from "@/components/timestamp";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { VirtualList } from "@/components/virtual-list";
import { useUrlState } from "@/hooks/use-url-state";
import { toastError } from "@/lib/toast";

import { useAuditEntries, useExportAudit } from "../api/use-audit";
import { AuditFilters, auditAddress } from "./audit-filters";
import { ChainCheck } from "./chain-check";
import { EntrySheet } from "./entry-sheet";

export function AuditPanel() {
  const { t } = useTranslation("audit");
  const [address] = useUrlState(auditAddress);
  const [isChecking, setChecking] = useState(false);
  const [open, setOpen] = useState<AuditEntryOut | null>(null);
  const exporting = useExportAudit();
  const isUuid = (text: string) => z.guid().safeParse(text).success;
  const query = {
    ...(isUuid(address.user_id) && { user_id: address.user_id }),
    ...(isUuid(address.subject_id) && { subject_id: address.subject_id }),
    ...(address.action && { action: [address.action] }),
    ...(address.table_name && { table_name: address.table_name }),
    ...(address.record_id && { record_id: address.record_id }),
    ...(address.ip_address && { ip_address: address.ip_address }),
    ...(address.since && { since: address.since }),
    ...(address.until && { until: address.until }),
  };
  const entries = useAuditEntries(query);
  const save = (format: "csv" | "json") => exporting.mutate({ ...query, format }, { onError: toastError });
  return (
    <section className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-base font-semibold">{t("title")}</h2>
        <span className="flex flex-wrap gap-2">
          <Button size="sm" variant="outline" onClick={() => setChecking(true)}>
            <ShieldCheck aria-hidden />
            {t("check.do")}
          </Button>
          <Button size="sm" variant="outline" loading={exporting.isPending} onClick={() => save("csv")}>
            <Download aria-hidden />
            CSV
          </Button>
          <Button size="sm" variant="outline" loading={exporting.isPending} onClick={() => save("json")}>
            <Download aria-hidden />
            JSON
          </Button>
        </span>
      </div>
      {isChecking && <ChainCheck />}
      <AuditFilters />
      <QueryView
        query={entries}
        skeleton={<Skeleton className="h-96" />}
        isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
        empty={<EmptyState icon={ScrollText} title={t("none")} description={t("noneHint")} />}
      >
        {({ pages }) => (
          <VirtualList
            className="rounded-md border bg-card"
            label={t("title")}
            items={pages.flatMap((page) => page.items)}
            estimateSize={44}
            getKey={({ id }) => id}
            hasMore={entries.hasNextPage}
            onMore={() => void entries.fetchNextPage()}
            isLoadingMore={entries.isFetchingNextPage}
            renderItem={(entry) => <Row entry={entry} onOpen={() => setOpen(entry)} />}
          />
        )}
      </QueryView>
      {open && <EntrySheet entry={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Row({ entry, onOpen }: { entry: AuditEntryOut; onOpen: () => void }) {
  return (
    <button
      type="button"
      onClick={onOpen}
      className="grid min-h-11 w-full grid-cols-2 items-center gap-x-3 border-b px-3 py-1.5 text-start hover:bg-accent focus-visible:-outline-offset-2 md:grid-cols-[11rem_8rem_6rem_1fr_8rem]"
    >
      <Timestamp value={entry.created_at} seconds />
      <bdi className="truncate">{entry.username ?? entry.actor}</bdi>
      <span className="font-medium">{entry.action}</span>
      <span className="truncate text-muted-foreground" dir="ltr">
        {entry.table_name} {entry.record_id ?? `× ${entry.row_count}`}
      </span>
      <span className="hidden truncate text-muted-foreground md:block" dir="ltr">
        {entry.ip_address}
      </span>
    </button>
  );
}
