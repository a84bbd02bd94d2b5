import { memo, useCallback, useMemo, useRef, useState } from "react";
import { ScanFace, ScanSearch, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";

import type { SightingOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";
import { useMainHeight } from "@/hooks/use-main-height";
import { useMediaQuery } from "@/hooks/use-media-query";
import { useUrlState } from "@/hooks/use-url-state";
import { cn } from "@/lib/utils";

import { useDecide } from "../api/use-decide";
import { useDecideSeveral, type Several } from "../api/use-decide-several";
import { useKnownSighting } from "../api/use-sighting";
import { useSightings } from "../api/use-sightings";
import { filtersOf, hasFilters, NO_FILTERS, urlSchema, type Filters, type UrlState } from "../lib/address";
import { neighbour } from "../lib/list";
import { useSelection } from "../lib/use-selection";
import { useSightingKeys } from "../lib/use-sighting-keys";
import { AssignDialog } from "./assign-dialog";
import { ExportSightings } from "./export-sightings";
import { FilterArea } from "./filter-area";
import { ListSkeleton } from "./list-skeleton";
import { ListToolbar } from "./list-toolbar";
import { SelectedSighting } from "./selected-sighting";
import { SightingFilters } from "./sighting-filters";
import { SightingList } from "./sighting-list";

const WIDE = "(min-width: 64rem)";
const page = () => document.getElementById("main");

/** Everybody who was seen, and beside the list whom one looks at. */
export function SightingsView() {
  const { t } = useTranslation("sightings");
  const canDecide = useAuth().hasPermission("correct_sightings");
  const isWide = useMediaQuery(WIDE);
  const height = useMainHeight();
  const { search } = useLocation();
  const [state, set] = useUrlState(urlSchema);
  const filters = useFilters(state);
  const sightings = useSightings(useMemo(() => ({ ...filters, sort: state.sort }), [filters, state.sort]));
  const { selected, select, selectOnly } = useSelection();
  const known = useKnownSighting();
  const one = useDecide();
  const several = useDecideSeveral();
  const [goTo, setGoTo] = useState<{ id: string } | null>(null);
  const [assigning, setAssigning] = useState<string[]>([]);
  const pane = useRef<HTMLDivElement>(null);
  const getPane = useCallback(() => pane.current, []);
  const current = state.selected ?? goTo?.id ?? null;
  const { rows } = sightings;

  /** Of those that are loaded, or looked at: a link may lead to one far down the list. */
  function found(ids: ReadonlySet<string>): SightingOut[] {
    const listed = rows.those(ids);
    const looked = state.selected && ids.has(state.selected) ? known(state.selected) : undefined;
    return looked && !listed.some(({ id }) => id === looked.id) ? [looked, ...listed] : listed;
  }

  /** Those that are selected, else the one that one is at. */
  const targets = () => found(selected.size ? selected : new Set(current ? [current] : []));

  const change = useCallback(
    (given: Partial<UrlState>) => {
      selectOnly([]);
      setGoTo(null);
      set(given);
      (isWide ? pane.current : page())?.scrollTo({ top: 0 });
    },
    [selectOnly, set, isWide],
  );

  function move(step: 1 | -1) {
    const focused = document.activeElement?.getAttribute("data-sighting") ?? current;
    const next = neighbour(rows, focused, step);
    if (next === null) return;
    setGoTo({ id: next });
    if (state.selected && isWide) set({ selected: next }, { replace: true });
  }

  async function decide(kind: "confirm" | "reject") {
    const about = targets();
    const [first] = about;
    if (!first) return;
    if (selected.size > 0) return decideSeveral({ kind, sightings: about });
    if (first.subject_id !== null) await one.decide({ kind, sighting: first });
  }

  async function decideSeveral(given: Several) {
    selectOnly(await several.decide(given));
  }

  async function assign(subjectId: string) {
    const about = found(new Set(assigning));
    const [first] = about;
    if (first && about.length === 1 && selected.size === 0)
      await one.decide({ kind: "assign", sighting: first, subjectId });
    else await decideSeveral({ kind: "assign", sightings: about, subjectId });
  }

  useSightingKeys({
    onMove: move,
    onOpen: () => current && set({ selected: current }),
    canDecide,
    onConfirm: () => void decide("confirm"),
    onReject: () => void decide("reject"),
    onAssign: () => setAssigning(targets().map(({ id }) => id)),
    onSelect: () => current && select(current, !selected.has(current)),
  });

  const toSearch = useCallback(() => set({ search: "face" }), [set]);
  const linkOf = useCallback(
    (id: string) => {
      const next = new URLSearchParams(search);
      next.set("selected", id);
      return `?${next}`;
    },
    [search],
  );

  return (
    <div className="-m-4 flex flex-col md:-mx-6" style={isWide ? { height } : undefined}>
      <div className="grid shrink-0 gap-2 border-b px-4 pt-4 pb-2 md:px-6">
        <PageHeader title={t("title")} actions={<Actions filters={filters} onSearch={toSearch} />}>
          <FilterArea isWide={isWide} isSet={hasFilters(state)}>
            <SightingFilters state={state} onChange={change} />
          </FilterArea>
        </PageHeader>
        <ListToolbar
          state={state}
          onChange={change}
          filters={filters}
          loaded={rows.length}
          selected={selected}
          onAll={canDecide ? (all) => selectOnly(all ? rows.ids() : []) : undefined}
          onConfirm={() => void decide("confirm")}
          onReject={() => void decide("reject")}
          onAssign={() => setAssigning([...selected])}
          isBusy={several.isBusy}
        />
      </div>
      <div
        className={cn(
          "min-h-0 flex-1",
          isWide && state.selected && "grid grid-cols-[minmax(0,1fr)_minmax(24rem,32rem)] grid-rows-[minmax(0,1fr)]",
          isWide && !state.selected && "grid grid-cols-1 grid-rows-[minmax(0,1fr)]",
        )}
      >
        <div ref={pane} className={cn("min-h-0", isWide && "overflow-y-auto")}>
          <QueryView
            query={sightings}
            skeleton={<ListSkeleton view={state.view} />}
            isEmpty={() => rows.length === 0}
            empty={<Nothing isFiltered={hasFilters(state)} onClear={() => change(NO_FILTERS)} />}
          >
            {() => (
              <SightingList
                key={`${isWide} ${JSON.stringify(filters)} ${state.sort}`}
                rows={rows}
                view={state.view}
                linkOf={linkOf}
                chosen={state.selected ?? null}
                selected={selected}
                onSelect={canDecide ? select : undefined}
                hasMore={sightings.hasNextPage}
                isLoadingMore={sightings.isFetchingNextPage}
                onMore={sightings.more}
                onStale={sightings.stale}
                getScrollElement={isWide ? getPane : page}
                goTo={goTo}
              />
            )}
          </QueryView>
        </div>
        {state.selected && (
          <SelectedSighting
            sightingId={state.selected}
            isWide={isWide}
            onClose={() => {
              setGoTo({ id: state.selected ?? "" });
              set({ selected: undefined });
            }}
          />
        )}
      </div>
      <AssignDialog count={assigning.length} onClose={() => setAssigning([])} onAssign={assign} />
    </div>
  );
}

/** Times of a preset stay as they are while something else in the address changes. */
function useFilters(state: UrlState) {
  const { selected: _selected, view: _view, sort: _sort, search: _search, like: _like, ...asked } = state;
  const text = JSON.stringify(asked);
  return useMemo(() => filtersOf(urlSchema.parse(JSON.parse(text))), [text]);
}

const Actions = memo(function Actions({ filters, onSearch }: { filters: Filters; onSearch: () => void }) {
  const { t } = useTranslation("sightings");
  return (
    <>
      <Can permission="search_history">
        <Button asChild variant="outline">
          <Link to="/searches">
            <ShieldCheck aria-hidden />
            {t("searches.title")}
          </Link>
        </Button>
      </Can>
      <Can permission="export_sightings">
        <ExportSightings filters={filters} />
      </Can>
      <Can permission="search_by_face">
        <Button onClick={onSearch}>
          <ScanSearch aria-hidden />
          {t("face.title")}
        </Button>
      </Can>
    </>
  );
});

function Nothing({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation("sightings");
  if (!isFiltered)
    return (
      <EmptyState
        icon={ScanFace}
        title={t("empty.title")}
        description={t("empty.hint")}
        action={
          <Button asChild variant="outline">
            <Link to="/cameras">{t("empty.cameras")}</Link>
          </Button>
        }
      />
    );
  return (
    <EmptyState
      icon={ScanFace}
      title={t("empty.filtered")}
      description={t("empty.filteredHint")}
      action={
        <Button variant="outline" onClick={onClear}>
          {t("empty.clear")}
        </Button>
      }
    />
  );
}
