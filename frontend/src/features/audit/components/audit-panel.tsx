import { useState } from "react";
import { ScrollText, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AuditEntryOut } from "@/client/types.gen";
import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { Timestamp } from "@/components/timestamp";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { VirtualList } from "@/components/virtual-list";
import { useUrlState } from "@/hooks/use-url-state";

import { useAuditEntries } from "../api/use-audit";
import { auditAddress, queryOf, wrongIds } from "../lib/audit-query";
import { AuditFilters } from "./audit-filters";
import { ChainCheck } from "./chain-check";
import { EntrySheet } from "./entry-sheet";
import { ExportAudit } from "./export-audit";

export function AuditPanel() {
  const { t } = useTranslation("audit");
  const [address] = useUrlState(auditAddress);
  const [isChecking, setChecking] = useState(false);
  const [open, setOpen] = useState<AuditEntryOut | null>(null);
  const wrong = wrongIds(address).length > 0;
  const query = queryOf(address);
  const entries = useAuditEntries(query, !wrong);
  return (
    <section className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-base font-semibold">{t("title")}</h2>
        <span className="flex flex-wrap gap-2">
          <Button variant="outline" onClick={() => setChecking(true)}>
            <ShieldCheck aria-hidden />
            {t("check.do")}
          </Button>
          {!wrong && <ExportAudit query={query} />}
        </span>
      </div>
      {isChecking && <ChainCheck />}
      <AuditFilters />
      {!wrong && (
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
      )}
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
