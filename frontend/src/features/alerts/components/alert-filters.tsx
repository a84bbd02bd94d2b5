import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { DateRangePicker } from "@/components/date-range-picker";
import { FilterBar, type Filter } from "@/components/filter-bar";
import { Button } from "@/components/ui/button";
import { useShortcut } from "@/hooks/use-shortcut";
import { formatNumber } from "@/lib/format";

import type { Counts } from "../api/use-alert-counts";
import {
  useCameraOptions,
  useRuleOptions,
  useSubjectOptions,
  useWatchlistOptions,
  type Choice,
} from "../api/use-filter-options";
import { NO_FILTERS, rangeChange, rangeOf, SEVERITIES, VERDICTS, type UrlState } from "../lib/filters";

interface Props {
  state: UrlState;
  onChange: (change: Partial<UrlState>) => void;
  counts: Counts;
  /** May be assigned alerts. */
  canHandle: boolean;
}

const isOneOf = <T extends string>(all: readonly T[], value: string): value is T => all.some((one) => one === value);
const chosenOf = <T extends string>(all: readonly T[], values: string[]): T[] =>
  values.filter((value) => isOneOf(all, value));

function labelOf({ props: { chosen = [], options } }: Choice, value: string): string {
  return [...chosen, ...options].find((option) => option.value === value)?.label ?? "…";
}

/** Who, where, why, when, how urgent, how it turned out. */
export function AlertFilters({ state, onChange, counts, canHandle }: Props) {
  const { t } = useTranslation(["alerts", "kit"]);
  const first = useRef<HTMLDivElement>(null);
  const cameras = useCameraOptions(state.camera);
  const subjects = useSubjectOptions(state.subject);
  const watchlists = useWatchlistOptions();
  const rules = useRuleOptions();
  useShortcut("/", t("key.filter"), () => first.current?.querySelector("button")?.click());

  const filters: Filter[] = [];
  const add = (id: string, label: string, change: Partial<UrlState>) =>
    filters.push({ id, label, onRemove: () => onChange(change) });
  if (state.subject) add("subject", labelOf(subjects, state.subject), { subject: undefined });
  if (state.camera) add("camera", labelOf(cameras, state.camera), { camera: undefined });
  if (state.watchlist) add("watchlist", labelOf(watchlists, String(state.watchlist)), { watchlist: undefined });
  if (state.rule) add("rule", t("filter.ruleIs", { name: labelOf(rules, state.rule) }), { rule: undefined });
  for (const severity of state.severity)
    add(severity, t(`kit:severity.${severity}`), { severity: state.severity.filter((one) => one !== severity) });
  for (const verdict of state.verdict)
    add(verdict, t(`verdict.${verdict}`), { verdict: state.verdict.filter((one) => one !== verdict) });

  return (
    <FilterBar filters={filters} onClear={() => onChange(NO_FILTERS)}>
      {subjects.isAllowed && (
        <div ref={first} className="w-32">
          <Combobox
            {...subjects.props}
            size="sm"
            aria-label={t("filter.subject")}
            placeholder={t("filter.subject")}
            value={state.subject ?? null}
            onChange={(subject) => onChange({ subject: subject ?? undefined })}
          />
        </div>
      )}
      {cameras.isAllowed && (
        <Combobox
          {...cameras.props}
          size="sm"
          className="w-32"
          aria-label={t("filter.camera")}
          placeholder={t("filter.camera")}
          value={state.camera ?? null}
          onChange={(camera) => onChange({ camera: camera ?? undefined })}
        />
      )}
      <Combobox
        multiple
        size="sm"
        className="w-28"
        aria-label={t("filter.severity")}
        placeholder={t("filter.severity")}
        options={SEVERITIES.map((value) => ({ value, label: t(`kit:severity.${value}`) }))}
        value={state.severity}
        onChange={(severity) => onChange({ severity: chosenOf(SEVERITIES, severity) })}
      />
      {watchlists.isAllowed && (
        <Combobox
          {...watchlists.props}
          size="sm"
          className="w-32"
          aria-label={t("filter.watchlist")}
          placeholder={t("filter.watchlist")}
          value={state.watchlist ? String(state.watchlist) : null}
          onChange={(watchlist) => onChange({ watchlist: watchlist ? Number(watchlist) : undefined })}
        />
      )}
      {rules.isAllowed && (
        <Combobox
          {...rules.props}
          size="sm"
          className="w-28"
          aria-label={t("filter.rule")}
          placeholder={t("filter.rule")}
          value={state.rule ?? null}
          onChange={(rule) => onChange({ rule: rule ?? undefined })}
        />
      )}
      {(state.status === "resolved" || state.status === "all") && (
        <Combobox
          multiple
          size="sm"
          className="w-28"
          aria-label={t("filter.verdict")}
          placeholder={t("filter.verdict")}
          options={VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`) }))}
          value={state.verdict}
          onChange={(verdict) => onChange({ verdict: chosenOf(VERDICTS, verdict) })}
        />
      )}
      <DateRangePicker size="sm" value={rangeOf(state)} onChange={(range) => onChange(rangeChange(range))} />
      {canHandle && (
        <Toggle isOn={state.mine} count={counts.mine} onChange={(mine) => onChange({ mine })}>
          {t("filter.mine")}
        </Toggle>
      )}
      <Toggle isOn={state.pending} count={counts.unverified} onChange={(pending) => onChange({ pending })}>
        {t("filter.pending")}
      </Toggle>
    </FilterBar>
  );
}

interface ToggleProps {
  isOn: boolean;
  count?: number;
  onChange: (isOn: boolean) => void;
  children: string;
}

function Toggle({ isOn, count, onChange, children }: ToggleProps) {
  return (
    <Button
      variant="outline"
      size="sm"
      aria-pressed={isOn}
      className={isOn ? "border-primary bg-primary/12 text-primary hover:text-primary" : "font-normal"}
      onClick={() => onChange(!isOn)}
    >
      {children}
      {count ? <span className="text-2xs tabular-nums">{formatNumber(count)}</span> : null}
    </Button>
  );
}
