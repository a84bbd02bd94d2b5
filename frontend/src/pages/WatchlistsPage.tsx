import { useCallback, useMemo, useState } from "react";
import { ListChecks, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { WatchlistOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { PageHeader } from "@/components/page-header";
import { SearchInput } from "@/components/search-input";
import { Button } from "@/components/ui/button";
import { useWatchlists } from "@/features/watchlists/api/use-watchlists";
import { WatchlistAction } from "@/features/watchlists/components/watchlist-action";
import { NewWatchlistDialog } from "@/features/watchlists/components/watchlist-dialogs";
import { WatchlistsTable, type WatchlistAction as Action } from "@/features/watchlists/components/watchlists-table";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";

const SORTS = ["name", "-name", "priority", "-priority", "expires_at", "-expires_at"] as const;
const address = z.object({ q: z.string().default(""), sort: z.enum(SORTS).default("-priority") });

export function Component() {
  const { t } = useTranslation("watchlists");
  const { hasPermission } = useAuth();
  const [{ q, sort }, setAddress] = useUrlState(address);
  const typed = q.trim();
  const lists = useWatchlists({ sort, ...(typed ? { q: typed } : {}) });
  const rows = useMemo(() => lists.data?.pages.flatMap((page) => page.items) ?? [], [lists.data]);
  const [isAdding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<{ action: Action; list: WatchlistOut } | null>(null);
  const choose = useCallback((action: Action, list: WatchlistOut) => setChosen({ action, list }), []);
  const add = (
    <Can permission="manage_watchlists">
      <Button onClick={() => setAdding(true)}>
        <Plus aria-hidden />
        {t("add")}
      </Button>
    </Can>
  );
  return (
    <div className="grid gap-4">
      <PageHeader title={t("title")} description={t("hint")} actions={add} />
      <SearchInput
        className="max-w-xs"
        placeholder={t("search")}
        aria-label={t("search")}
        value={q}
        onChange={(q) => setAddress({ q }, { replace: true })}
      />
      {lists.isError && !lists.data ? (
        <ErrorState error={lists.error} onRetry={() => void lists.refetch()} />
      ) : rows.length === 0 && !lists.isPending ? (
        <EmptyState
          icon={ListChecks}
          title={t(typed ? "nothing" : "none")}
          description={t(typed ? "nothingHint" : "noneHint")}
        />
      ) : (
        <WatchlistsTable
          lists={rows}
          isLoading={lists.isPending}
          sort={{ key: sort.replace("-", ""), direction: sort.startsWith("-") ? "desc" : "asc" }}
          onSortChange={({ key, direction }) => {
            const wanted = SORTS.find((one) => one === `${direction === "desc" ? "-" : ""}${key}`);
            if (wanted) setAddress({ sort: wanted });
          }}
          canManage={hasPermission("manage_watchlists")}
          canReadSubjects={hasPermission("read_subjects")}
          onAction={choose}
        />
      )}
      {lists.hasNextPage && (
        <LoadMore needsButton onMore={() => void lists.fetchNextPage()} isLoading={lists.isFetchingNextPage} />
      )}
      {isAdding && <NewWatchlistDialog onClose={() => setAdding(false)} />}
      {chosen && <WatchlistAction {...chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}
