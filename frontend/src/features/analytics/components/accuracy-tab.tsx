import { useTranslation } from "react-i18next";

import type { BinOut, ErrorCountOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { StatCard } from "@/components/stat-card";
import { TrendChart } from "@/components/trend-chart";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { formatNumber, formatPercent } from "@/lib/format";

import { useRecognitionErrors, useRecognitionStats } from "../api/use-recognition";
import { useSpan } from "../lib/use-span";

const LONGEST_MS = 31 * 86_400_000;
const BIN = 0.05;

/** What people's verdicts say of recognition, and how its values lie. */
export function AccuracyTab() {
  const { t } = useTranslation("analytics");
  const { span } = useSpan();
  // The API counts 31 days at most: the last ones of a longer range.
  const since = new Date(Math.max(Date.parse(span.since), Date.parse(span.until) - LONGEST_MS)).toISOString();
  const asked = { since, until: span.until };
  const stats = useRecognitionStats(asked);
  const errors = useRecognitionErrors(asked);
  return (
    <section className="grid grid-cols-1 gap-5">
      {since !== span.since && <p className="text-muted-foreground">{t("accuracy.limited")}</p>}
      <QueryView query={stats} skeleton={<Skeleton className="h-64 w-full" />}>
        {(found) => (
          <>
            <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
              <StatCard label={t("accuracy.confirmed")} value={formatNumber(found.confirmed)} />
              <StatCard label={t("accuracy.rejected")} value={formatNumber(found.rejected)} />
              <StatCard label={t("accuracy.assigned")} value={formatNumber(found.assigned)} />
              <StatCard
                label={t("accuracy.wrong")}
                value={found.judged_wrong === null ? "–" : formatPercent(found.judged_wrong, 1)}
              />
            </div>
            <p className="max-w-prose text-muted-foreground">
              {found.judged_wrong_interval
                ? t("accuracy.interval", {
                    low: formatPercent(found.judged_wrong_interval[0], 1),
                    high: formatPercent(found.judged_wrong_interval[1], 1),
                  })
                : t("accuracy.nobody")}
            </p>
            <div className="grid gap-5 lg:grid-cols-2">
              <Histogram title={t("accuracy.similarities")} bins={found.similarities} />
              <Histogram title={t("accuracy.qualities")} bins={found.qualities} />
            </div>
          </>
        )}
      </QueryView>
      <QueryView query={errors} skeleton={<Skeleton className="h-40 w-full" />}>
        {({ cameras, subjects }) => (
          <div className="grid gap-5 lg:grid-cols-2">
            <Ledger title={t("accuracy.byCamera")} rows={cameras} />
            <Ledger title={t("accuracy.bySubject")} rows={subjects} />
          </div>
        )}
      </QueryView>
    </section>
  );
}

function Histogram({ title, bins }: { title: string; bins: readonly BinOut[] }) {
  const { t } = useTranslation("analytics");
  const ends = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return (
    <section className="grid grid-cols-1 gap-2 rounded-lg border bg-card p-4">
      <h2 className="font-semibold">{title}</h2>
      <TrendChart
        caption={title}
        rows={bins.map(({ lower, count }) => ({ at: String(lower), count }))}
        series={[{ key: "count", label: t("metrics.sightings") }]}
        formatAt={(lower) => `${formatNumber(Number(lower), ends)}–${formatNumber(Number(lower) + BIN, ends)}`}
        height={180}
      />
    </section>
  );
}

function Ledger({ title, rows }: { title: string; rows: readonly ErrorCountOut[] }) {
  const { t } = useTranslation("analytics");
  return (
    <section className="grid content-start gap-2">
      <h2 className="font-semibold">{title}</h2>
      {rows.length === 0 ? (
        <p className="text-muted-foreground">{t("accuracy.noErrors")}</p>
      ) : (
        <div className="overflow-x-auto rounded-md border">
          <Table>
            <TableHeader>
              <TableRow>
                <TableHead>{t("accuracy.name")}</TableHead>
                <TableHead className="text-end">{t("accuracy.false")}</TableHead>
                <TableHead className="text-end">{t("accuracy.missed")}</TableHead>
                <TableHead className="text-end">{t("accuracy.right")}</TableHead>
              </TableRow>
            </TableHeader>
            <TableBody>
              {rows.map((row) => (
                <TableRow key={row.id}>
                  <TableCell className="max-w-48 truncate">
                    <bdi>{row.name}</bdi>
                  </TableCell>
                  <TableCell className="text-end tabular-nums">{formatNumber(row.false_matches)}</TableCell>
                  <TableCell className="text-end tabular-nums">{formatNumber(row.missed)}</TableCell>
                  <TableCell className="text-end tabular-nums">{formatNumber(row.confirmed)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </div>
      )}
    </section>
  );
}
