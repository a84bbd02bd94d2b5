import { RotateCw, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { SearchRequestOut } from "@/client/types.gen";
import { DataTable, type Column } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { LoadMore } from "@/components/load-more";
import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { Switch } from "@/components/ui/switch";
import { Tabs, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useUrlState } from "@/hooks/use-url-state";

import { useSearches } from "../api/use-searches";
import { SearchSheet } from "./search-sheet";
import { SearchStatusBadge } from "./search-status-badge";

const STATUSES = ["pending", "approved", "denied", "expired"] as const;
const TABS = ["pending", "approved", "denied", "expired", "all"] as const;

const urlSchema = z.object({
  status: z.enum(TABS).default("pending"),
  mine: z.boolean().default(false),
  /** The one that is open. */
  search: z.uuid().optional(),
});

/** Searches of the past that wait for a second person, or did. */
export function SearchesView() {
  const { t } = useTranslation("sightings");
  const [state, set] = useUrlState(urlSchema);
  const searches = useSearches(
    STATUSES.find((one) => one === state.status),
    state.mine,
  );
  const columns = useColumns();

  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHeader
        title={t("searches.title")}
        description={t("searches.hint")}
        actions={
          <Button variant="outline" loading={searches.isRefetching} onClick={() => void searches.refetch()}>
            <RotateCw aria-hidden />
            {t("searches.reload")}
          </Button>
        }
      />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Tabs
          value={state.status}
          onValueChange={(value) => set({ status: TABS.find((tab) => tab === value) ?? "pending" })}
          className="min-w-0"
        >
          <TabsList aria-label={t("searches.status")} className="max-w-full overflow-x-auto">
            {TABS.map((tab) => (
              <TabsTrigger key={tab} value={tab} aria-controls={undefined}>
                {t(`searches.tab.${tab}`)}
              </TabsTrigger>
            ))}
          </TabsList>
        </Tabs>
        <Label className="flex items-center gap-2 font-normal">
          <Switch checked={state.mine} onCheckedChange={(mine) => set({ mine })} />
          {t("searches.mine")}
        </Label>
      </div>
      <QueryView
        query={searches}
        skeleton={<Skeleton className="h-64" />}
        isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
        empty={
          <EmptyState
            icon={ShieldCheck}
            title={t(state.status === "pending" ? "searches.none" : "searches.noneLike")}
            description={t("searches.noneHint")}
          />
        }
      >
        {({ pages }) => (
          <div>
            <DataTable
              caption={t("searches.title")}
              columns={columns}
              rows={pages.flatMap((page) => page.items)}
              getRowId={(row) => row.id}
              getRowLabel={(row) => row.purpose}
              onRowOpen={(row) => set({ search: row.id })}
            />
            {(searches.hasNextPage || searches.isFetchingNextPage) && (
              <LoadMore
                isLoading={searches.isFetchingNextPage}
                needsButton={!searches.isFetchingNextPage}
                onMore={() => void searches.fetchNextPage()}
              />
            )}
          </div>
        )}
      </QueryView>
      {state.search && <SearchSheet searchId={state.search} onClose={() => set({ search: undefined })} />}
    </div>
  );
}

function useColumns(): Column<SearchRequestOut>[] {
  const { t } = useTranslation("sightings");
  return [
    {
      id: "purpose",
      header: t("searches.purpose"),
      className: "max-w-0 w-full",
      cell: (row) => (
        <span dir="auto" className="block truncate font-medium" title={row.purpose}>
          {row.purpose}
        </span>
      ),
    },
    {
      id: "by",
      header: t("searches.by"),
      hideOnPhone: true,
      cell: (row) => <bdi className="whitespace-nowrap">{row.requested_by_name ?? t("history.gone")}</bdi>,
    },
    { id: "asked", header: t("searches.asked"), hideOnPhone: true, cell: (row) => <TimeAgo value={row.created_at} /> },
    { id: "status", header: t("searches.status"), cell: (row) => <SearchStatusBadge status={row.status} /> },
    {
      id: "decided",
      header: t("searches.decidedBy"),
      hideOnPhone: true,
      cell: (row) => <bdi className="whitespace-nowrap">{row.decided_by_name ?? "–"}</bdi>,
    },
  ];
}
