import { memo, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { DateRangePicker } from "@/components/date-range-picker";
import { FilterBar, type Filter } from "@/components/filter-bar";
import { useShortcut } from "@/hooks/use-shortcut";
import { formatNumber } from "@/lib/format";

import { labelIn, useCameraChoice, useGroupChoice, useSubjectChoice, useWatchlistChoice } from "../api/use-choices";
import { NO_FILTERS, rangeChange, rangeOf, type UrlState } from "../lib/address";
import { MoreFilters } from "./more-filters";

interface Props {
  state: UrlState;
  onChange: (change: Partial<UrlState>) => void;
}

const WIDTH = "w-36 max-sm:w-full max-sm:flex-1 max-sm:basis-36";

/** Who, where, when, how sure, and what was decided. */
export const SightingFilters = memo(function SightingFilters({ state, onChange }: Props) {
  const { t } = useTranslation("sightings");
  const first = useRef<HTMLDivElement>(null);
  const cameras = useCameraChoice(state.camera);
  const groups = useGroupChoice();
  const subjects = useSubjectChoice(state.subject);
  const watchlists = useWatchlistChoice();
  useShortcut("/", t("key.filter"), () => first.current?.querySelector("button")?.click());

  const filters: Filter[] = [];
  const add = (id: string, label: string, change: Partial<UrlState>) =>
    filters.push({ id, label, onRemove: () => onChange(change) });
  for (const id of state.subject)
    add(id, labelIn(subjects, id), { subject: state.subject.filter((one) => one !== id) });
  for (const id of state.camera) add(id, labelIn(cameras, id), { camera: state.camera.filter((one) => one !== id) });
  if (state.group) add("group", labelIn(groups, state.group), { group: undefined });
  if (state.watchlist) add("watchlist", labelIn(watchlists, String(state.watchlist)), { watchlist: undefined });
  if (state.known !== undefined) add("known", t(state.known ? "filter.known" : "filter.unknown"), { known: undefined });
  if (state.open !== undefined) add("open", t(state.open ? "filter.open" : "filter.closed"), { open: undefined });
  if (state.verdict) add("verdict", t(`verdict.${state.verdict}`), { verdict: undefined });
  if (state.similarity !== undefined)
    add("similarity", t("filter.similarityIs", { value: share(state.similarity) }), { similarity: undefined });
  if (state.quality !== undefined)
    add("quality", t("filter.qualityIs", { value: share(state.quality) }), { quality: undefined });

  return (
    <FilterBar filters={filters} onClear={() => onChange(NO_FILTERS)}>
      {subjects.isAllowed && (
        <div ref={first} className={WIDTH}>
          <Combobox
            {...subjects.props}
            multiple
            size="sm"
            className="w-full"
            aria-label={t("filter.subject")}
            placeholder={t("filter.subject")}
            value={state.subject}
            onChange={(subject) => onChange({ subject })}
          />
        </div>
      )}
      {cameras.isAllowed && (
        <Combobox
          {...cameras.props}
          multiple
          size="sm"
          className={WIDTH}
          aria-label={t("filter.camera")}
          placeholder={t("filter.camera")}
          value={state.camera}
          onChange={(camera) => onChange({ camera })}
        />
      )}
      <DateRangePicker size="sm" value={rangeOf(state)} onChange={(range) => onChange(rangeChange(range))} />
      <Combobox
        size="sm"
        className={WIDTH}
        aria-label={t("filter.who")}
        placeholder={t("filter.who")}
        options={[
          { value: "true", label: t("filter.known") },
          { value: "false", label: t("filter.unknown") },
        ]}
        value={state.known === undefined ? null : String(state.known)}
        onChange={(known) => onChange({ known: known === null ? undefined : known === "true" })}
      />
      {watchlists.isAllowed && (
        <Combobox
          {...watchlists.props}
          size="sm"
          className={WIDTH}
          aria-label={t("filter.watchlist")}
          placeholder={t("filter.watchlist")}
          value={state.watchlist ? String(state.watchlist) : null}
          onChange={(watchlist) => onChange({ watchlist: watchlist ? Number(watchlist) : undefined })}
        />
      )}
      {groups.isAllowed && (
        <Combobox
          {...groups.props}
          size="sm"
          className={WIDTH}
          aria-label={t("filter.group")}
          placeholder={t("filter.group")}
          value={state.group ?? null}
          onChange={(group) => onChange({ group: group ?? undefined })}
        />
      )}
      <MoreFilters state={state} onChange={onChange} />
    </FilterBar>
  );
});

function share(value: number): string {
  return formatNumber(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
