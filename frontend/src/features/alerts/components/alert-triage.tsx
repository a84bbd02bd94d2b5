import { useCallback, useEffect, useMemo, useRef, useState, type MouseEvent } from "react";
import { MousePointerClick } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";

import { EmptyState } from "@/components/empty-state";
import { Tabs, TabsContent } from "@/components/ui/tabs";
import { useAuth } from "@/hooks/use-auth";
import { useMainHeight } from "@/hooks/use-main-height";
import { useMediaQuery } from "@/hooks/use-media-query";
import { useSettled } from "@/hooks/use-settled";
import { useUrlState } from "@/hooks/use-url-state";

import { useAlertCounts } from "../api/use-alert-counts";
import { useAlerts } from "../api/use-alerts";
import { useHandling } from "../api/use-handling";
import { filtersOf, hasFilters, listQueryOf, TABS, urlSchema, type UrlState } from "../lib/filters";
import { neighbour } from "../lib/queue";
import { useSelection } from "../lib/use-selection";
import { useQueueKeys, useTriageKeys } from "../lib/use-triage-keys";
import { AlertDetailView, DETAIL_HEADING } from "./alert-detail-view";
import { AlertFilters } from "./alert-filters";
import { AlertQueue } from "./alert-queue";
import { AlertTabs } from "./alert-tabs";
import { COMMENT_FIELD } from "./comment-form";
import { FilterArea } from "./filter-area";
import { OutcomeDialog } from "./outcome-dialog";
import { ResolveDialog } from "./resolve-dialog";
import { TriageHeader } from "./triage-header";

const WIDE = "(min-width: 64rem)";
const LOOKED_AT_MS = 150;

/** The queue and, beside it where there is room, the chosen alert. */
export function AlertTriage() {
  const { t } = useTranslation("alerts");
  const { user, hasPermission } = useAuth();
  const canHandle = hasPermission("handle_alerts");
  const isWide = useMediaQuery(WIDE);
  const height = useMainHeight();
  const navigate = useNavigate();
  const { search } = useLocation();
  const [state, set] = useUrlState(urlSchema);
  const { filters, query } = useQueries(state, user?.user_id);
  const counts = useAlertCounts(filters);
  const queue = useAlerts(query);
  const handling = useHandling();
  const { selected, select, selectOnly } = useSelection();
  const [resolving, setResolving] = useState<string[]>([]);
  const [goTo, setGoTo] = useState<{ id: string } | null>(null);
  const chosen = isWide ? state.alert : (goTo?.id ?? undefined);
  const shown = useSettled(state.alert ?? "", LOOKED_AT_MS);

  const ids = useMemo(() => queue.items.map(({ id }) => id), [queue.items]);
  const known = useMemo(() => new Map(queue.items.map((alert) => [alert.id, alert])), [queue.items]);
  const place = useRef(0);
  useEffect(() => {
    const at = chosen === undefined ? -1 : ids.indexOf(chosen);
    if (at >= 0) place.current = at;
  }, [ids, chosen]);

  /** Those that are selected, else the chosen one, unless it has come further than the step leads. */
  function targets(unless: string[] = []): string[] {
    if (selected.size) return [...selected];
    if (!chosen || unless.includes(known.get(chosen)?.status ?? "")) return [];
    return [chosen];
  }

  function move(step: 1 | -1) {
    const next = neighbour(ids, chosen, step, place.current);
    if (next === null) return;
    setGoTo({ id: next });
    if (isWide) set({ alert: next }, { replace: true });
  }

  function open() {
    if (isWide) document.getElementById(DETAIL_HEADING)?.focus();
    else if (chosen) void navigate(`/alerts/${chosen}${search}`);
  }

  async function acknowledge(given: string[]) {
    const failed = await handling.acknowledge(given);
    if (given.length > 1) selectOnly(failed);
    // It leaves the list of new ones, but is still being looked at.
    else if (state.status === "new" && isWide && given[0] === chosen) document.getElementById(DETAIL_HEADING)?.focus();
  }

  async function resolve(given: string[], verdict: Parameters<typeof handling.resolve>[1], note: string) {
    setResolving([]);
    const next = given.length === 1 && given[0] === chosen ? neighbour(ids, chosen, 1, place.current) : null;
    const failed = await handling.resolve(given, verdict, note);
    if (given.length > 1) selectOnly(failed);
    else if (
      failed.length === 0 &&
      next !== null &&
      next !== chosen &&
      state.status !== "all" &&
      state.status !== "resolved"
    ) {
      setGoTo({ id: next });
      if (isWide) set({ alert: next }, { replace: true });
    }
  }

  async function assign(given: string[], person: Parameters<typeof handling.assign>[1]) {
    const failed = await handling.assign(given, person);
    if (given.length > 1) selectOnly(failed);
    return failed;
  }

  useQueueKeys({
    onMove: move,
    onOpen: open,
    onSelect: canHandle ? () => chosen && select(chosen, !selected.has(chosen)) : undefined,
  });
  useTriageKeys({
    canHandle,
    onAcknowledge: () => void acknowledge(targets(["acknowledged", "resolved"])),
    onResolve: () => setResolving(targets(["resolved"])),
    onAssignToMe: () => user && void assign(targets(), { id: user.user_id, username: user.username }),
    onComment: () => document.querySelector<HTMLElement>(`[${COMMENT_FIELD}]`)?.focus(),
  });

  const linkOf = useCallback(
    (id: string) => {
      if (!isWide) return `/alerts/${id}${search}`;
      const next = new URLSearchParams(search);
      next.set("alert", id);
      return `?${next}`;
    },
    [isWide, search],
  );
  const opened = useCallback(
    (id: string, event: MouseEvent) => {
      if (isWide && id === chosen && event.detail === 0) document.getElementById(DETAIL_HEADING)?.focus();
    },
    [isWide, chosen],
  );

  function change(given: Partial<UrlState>) {
    selectOnly([]);
    setGoTo(null);
    set(given);
  }

  return (
    <Tabs
      value={state.status}
      onValueChange={(value) => change({ status: TABS.find((tab) => tab === value) ?? "new" })}
      className="-m-4 gap-0 md:-mx-6"
      style={isWide ? { height } : undefined}
    >
      <div className="grid shrink-0 gap-3 px-4 pt-4 pb-2 md:px-6">
        <TriageHeader query={query} />
        <AlertTabs counts={counts} />
        <FilterArea isWide={isWide} isSet={hasFilters(state)}>
          <AlertFilters state={state} onChange={change} counts={counts} canHandle={canHandle} />
        </FilterArea>
      </div>
      <TabsContent
        value={state.status}
        tabIndex={-1}
        className="min-h-0 border-t outline-none lg:grid lg:grid-cols-[minmax(20rem,26rem)_minmax(0,1fr)]"
      >
        <AlertQueue
          queue={queue}
          state={state}
          isWide={isWide}
          chosen={chosen}
          goTo={goTo}
          linkOf={linkOf}
          onOpen={opened}
          onChange={change}
          selection={{ selected, select, selectOnly }}
          canHandle={canHandle}
          isBusy={handling.isBusy}
          onAcknowledge={() => void acknowledge(targets())}
          onResolve={() => setResolving(targets())}
          onAssign={assign}
        />
        {isWide && (
          <section aria-label={t("detail.label")} className="min-h-0 overflow-y-auto px-6 py-4">
            {shown && state.alert ? (
              <AlertDetailView alertId={shown} handling={handling} onResolve={setResolving} level={2} />
            ) : (
              <EmptyState icon={MousePointerClick} title={t("detail.none")} description={t("detail.noneHint")} />
            )}
          </section>
        )}
      </TabsContent>
      <ResolveDialog
        count={resolving.length}
        onClose={() => setResolving([])}
        onResolve={(verdict, note) => void resolve(resolving, verdict, note)}
      />
      <OutcomeDialog items={handling.outcome} known={known} onClose={handling.closeOutcome} />
    </Tabs>
  );
}

/** Times of a preset stay as they are while something else in the address changes. */
function useQueries(state: UrlState, userId: string | undefined) {
  const { alert: _alert, ...asked } = state;
  const text = JSON.stringify(asked);
  return useMemo(() => {
    const same = urlSchema.parse(JSON.parse(text));
    const filters = filtersOf(same, userId);
    return { filters, query: listQueryOf(filters, same) };
  }, [text, userId]);
}
