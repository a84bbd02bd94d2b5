import { useMemo } from "react";
import { CalendarClock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { TimelineEntry } from "@/client/types.gen";
import { DateRangePicker } from "@/components/date-range-picker";
import { EmptyState } from "@/components/empty-state";
import { QueryView } from "@/components/query-view";
import { SimilarityBadge } from "@/components/similarity-badge";
import { StatCard } from "@/components/stat-card";
import { TimeAgo } from "@/components/time-ago";
import { Timestamp } from "@/components/timestamp";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { VirtualList } from "@/components/virtual-list";
import { useNow } from "@/hooks/use-now";
import { resolveRange, type DateRange } from "@/lib/date-range";
import { formatDuration, formatNumber } from "@/lib/format";

import { useSubjectAnalytics } from "../api/use-subject-analytics";
import { useSubjectTimeline } from "../api/use-subject-timeline";
import { TimelineLanes } from "./timeline-lanes";

const MINUTE_MS = 60_000;
const ROW = 44; // px

interface Props {
  subjectId: string;
  range: DateRange;
  onRange: (range: DateRange) => void;
}

/** Where and when somebody was seen: numbers, lanes on a time axis, and the list of it. */
export function SubjectTimeline({ subjectId, range, onRange }: Props) {
  const { t } = useTranslation("subjects");
  const { since, until, preset } = range;
  const asked = useMemo(() => resolveRange({ since, until, preset }), [since, until, preset]);
  const timeline = useSubjectTimeline(subjectId, asked);
  const numbers = useSubjectAnalytics(subjectId, asked);
  const entries = useMemo(() => timeline.data?.pages.flatMap(({ items }) => items) ?? [], [timeline.data]);
  const now = useNow();
  const last = asked.until ? Date.parse(asked.until) : Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  const first = asked.since
    ? Date.parse(asked.since)
    : Date.parse(entries.at(-1)?.detected_at ?? "") || last - MINUTE_MS;
  const drawnFrom = (timeline.hasNextPage && Date.parse(entries.at(-1)?.detected_at ?? "")) || first;
  return (
    <div className="grid gap-4">
      <DateRangePicker value={range} onChange={onRange} className="w-fit" />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <StatCard
          label={t("seen.sightings")}
          value={numbers.data && formatNumber(numbers.data.sightings)}
          isLoading={numbers.isPending}
        />
        <StatCard
          label={t("seen.alerts")}
          value={numbers.data && formatNumber(numbers.data.alerts)}
          isLoading={numbers.isPending}
        />
        <StatCard
          label={t("seen.cameras")}
          value={numbers.data && formatNumber(numbers.data.cameras.length)}
          isLoading={numbers.isPending}
        />
        <StatCard
          label={t("seen.last")}
          value={numbers.data?.last_seen_at ? <TimeAgo value={numbers.data.last_seen_at} /> : t("neverSeen")}
          isLoading={numbers.isPending}
        />
      </div>
      <QueryView
        query={timeline}
        skeleton={<Skeleton className="h-60 w-full" />}
        isEmpty={() => entries.length === 0}
        empty={<EmptyState icon={CalendarClock} title={t("seen.none")} description={t("seen.noneHint")} />}
      >
        {() => (
          <>
            <TimelineLanes entries={entries} since={first} until={last} drawnFrom={drawnFrom} />
            {timeline.hasNextPage && (
              <div className="flex flex-wrap items-center gap-3">
                <span role="status">
                  {t("seen.shown", {
                    shown: formatNumber(entries.length),
                    count: Math.max(numbers.data?.sightings ?? 0, entries.length + 1),
                  })}
                </span>
                <Button
                  size="sm"
                  variant="outline"
                  loading={timeline.isFetchingNextPage}
                  onClick={() => void timeline.fetchNextPage()}
                >
                  {t("seen.more")}
                </Button>
              </div>
            )}
            <VirtualList
              name="timeline"
              label={t("seen.list")}
              items={entries}
              estimateSize={ROW}
              getKey={({ sighting_id }) => sighting_id}
              renderItem={(entry) => <Entry entry={entry} />}
              hasMore={timeline.hasNextPage}
              isLoadingMore={timeline.isFetchingNextPage}
              onMore={() => void timeline.fetchNextPage()}
            />
          </>
        )}
      </QueryView>
    </div>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { t } = useTranslation("subjects");
  const { sighting_id, camera_name, detected_at, seconds_since_previous: gap } = entry;
  return (
    <Link
      to={`/sightings/${sighting_id}`}
      className="flex min-h-11 items-center gap-3 border-b px-2 py-1.5 hover:bg-accent/40"
    >
      <Timestamp value={detected_at} className="shrink-0" />
      <span dir="auto" className="min-w-0 flex-1 truncate" title={camera_name}>
        {camera_name}
      </span>
      {gap !== null && (
        <span className="hidden text-xs text-muted-foreground sm:inline">
          {t("seen.gap", { time: formatDuration(gap) })}
        </span>
      )}
      {entry.similarity === null ? (
        <Badge variant="outline">{t("seen.byHand")}</Badge>
      ) : (
        <SimilarityBadge similarity={entry.similarity} />
      )}
    </Link>
  );
}
