import { useEffect, type MouseEvent } from "react";
import { BellRing, CircleCheckBig, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";

import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/utils";

import type { useAlerts } from "../api/use-alerts";
import type { Handling } from "../api/use-handling";
import { hasFilters, NO_FILTERS, type UrlState } from "../lib/filters";
import type { useSelection } from "../lib/use-selection";
import { AlertList } from "./alert-list";
import { BulkBar } from "./bulk-bar";
import { Order } from "./order";

const PANE = "alert-queue";
const paneElement = () => document.getElementById(PANE);
const mainElement = () => document.getElementById("main");

interface Props {
  queue: ReturnType<typeof useAlerts>;
  state: UrlState;
  isWide: boolean;
  chosen: string | undefined;
  goTo: { id: string } | null;
  linkOf: (id: string) => string;
  onOpen: (id: string, event: MouseEvent) => void;
  onChange: (change: Partial<UrlState>) => void;
  selection: ReturnType<typeof useSelection>;
  canHandle: boolean;
  isBusy: boolean;
  onAcknowledge: () => void;
  onResolve: () => void;
  onAssign: Handling["assign"];
}

/** The list with what is done to several of it; scrolls by itself where the detail stands beside it. */
export function AlertQueue(props: Props) {
  const { queue, state, isWide, selection, canHandle } = props;
  const { items } = queue;
  const { alert: _alert, ...asked } = state;
  const listKey = JSON.stringify([asked, isWide]);
  useEffect(() => {
    void paneElement()?.scrollTo({ top: 0 });
  }, [listKey]);
  return (
    <div className={cn("flex min-h-0 min-w-0 flex-col", isWide && "border-e")}>
      {items.length > 0 && (
        <BulkBar
          canHandle={canHandle}
          order={<Order sort={state.sort} onChange={props.onChange} />}
          selected={selection.selected}
          loaded={items.length}
          onAll={(all) => selection.selectOnly(all ? items.map(({ id }) => id) : [])}
          onAcknowledge={props.onAcknowledge}
          onResolve={props.onResolve}
          onAssign={props.onAssign}
          isBusy={props.isBusy}
        />
      )}
      <div
        id={PANE}
        className={cn("min-h-0 flex-1", isWide && "overflow-y-auto", queue.isPlaceholderData && "opacity-60")}
        aria-busy={queue.isPlaceholderData}
      >
        <QueryView
          query={queue}
          skeleton={<QueueSkeleton />}
          isEmpty={() => items.length === 0}
          empty={<Nothing state={state} onChange={props.onChange} />}
        >
          {() => (
            <AlertList
              key={listKey}
              items={items}
              byDay={state.sort === "newest"}
              linkOf={props.linkOf}
              chosen={props.chosen}
              selected={selection.selected}
              onSelect={canHandle ? selection.select : undefined}
              onOpen={props.onOpen}
              onStale={queue.stale}
              hasMore={queue.hasNextPage}
              isLoadingMore={queue.isFetchingNextPage}
              onMore={queue.more}
              getScrollElement={isWide ? paneElement : mainElement}
              goTo={props.goTo}
            />
          )}
        </QueryView>
      </div>
    </div>
  );
}

function Nothing({ state, onChange }: { state: UrlState; onChange: Props["onChange"] }) {
  const { t } = useTranslation("alerts");
  if (hasFilters(state))
    return (
      <EmptyState
        icon={SearchX}
        title={t("empty.filtered")}
        description={t("empty.filteredHint")}
        action={
          <Button variant="outline" onClick={() => onChange(NO_FILTERS)}>
            {t("empty.clear")}
          </Button>
        }
      />
    );
  if (state.status === "new")
    return <EmptyState icon={CircleCheckBig} title={t("empty.new")} description={t("empty.newHint")} />;
  return <EmptyState icon={BellRing} title={t(`empty.${state.status}`)} description={t("empty.hint")} />;
}

function QueueSkeleton() {
  return (
    <div className="grid">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="flex h-20 items-center gap-2.5 border-b px-4">
          <Skeleton className="size-12" />
          <div className="grid gap-2">
            <Skeleton className="h-4 w-40" />
            <Skeleton className="h-3 w-56" />
          </div>
        </div>
      ))}
    </div>
  );
}
