import { useState } from "react";
import { History } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { HistorySearchOut } from "@/client/types.gen";
import { Combobox } from "@/components/combobox";
import { DateRangePicker } from "@/components/date-range-picker";
import { ErrorState } from "@/components/error-state";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { resolveRange, type DateRange } from "@/lib/date-range";
import { formatNumber } from "@/lib/format";

import { useCameraChoice } from "../api/use-choices";
import { useSearchHistory } from "../api/use-search-history";
import type { Box } from "../lib/faces";
import { FoundSighting } from "./found-sighting";

/** As many as one looks through. */
const SHOWN = 100;

interface Props {
  file: File;
  box?: Box;
  sightingId?: string;
}

/** Where was this face seen before? Asked for on purpose: it needs one, and goes on record. */
export function PastSightings({ file, box, sightingId }: Props) {
  const { t } = useTranslation("sightings");
  const [camera, setCamera] = useState<string[]>([]);
  const [range, setRange] = useState<DateRange>({});
  const cameras = useCameraChoice(camera);
  const search = useSearchHistory();

  function start() {
    const where = { ...resolveRange(range), ...(camera.length ? { camera_id: camera } : {}), top_k: SHOWN };
    search.mutate({ file, box, sightingId, where });
  }

  return (
    <section aria-labelledby="past" className="grid grid-cols-1 gap-3 border-t pt-5">
      <h2 id="past" className="text-base font-semibold">
        {t("past.title")}
      </h2>
      <div className="flex flex-wrap items-center gap-2">
        {cameras.isAllowed && (
          <Combobox
            {...cameras.props}
            multiple
            className="w-44"
            aria-label={t("filter.camera")}
            placeholder={t("past.everywhere")}
            value={camera}
            onChange={setCamera}
          />
        )}
        <DateRangePicker value={range} onChange={setRange} />
        <Button loading={search.isPending} onClick={start}>
          <History aria-hidden />
          {t("past.search")}
        </Button>
      </div>
      <p className="text-xs text-muted-foreground">{t("past.hint")}</p>
      <div aria-live="polite">
        {search.isPending && <Skeleton className="h-40" />}
        {search.isError && <ErrorState error={search.error} onRetry={start} />}
        {search.data?.kind === "waits" && (
          <Alert variant="info">
            <AlertTitle>{t("past.waits")}</AlertTitle>
            <AlertDescription>
              <Link to={`/searches?search=${search.data.request.id}`} className="underline underline-offset-4">
                {t("past.toSearches")}
              </Link>
            </AlertDescription>
          </Alert>
        )}
        {search.data?.kind === "found" && <FoundSightings found={search.data.found} />}
      </div>
    </section>
  );
}

/** What a search of the past brought, the most similar first. */
export function FoundSightings({ found }: { found: HistorySearchOut }) {
  const { t } = useTranslation("sightings");
  const least = formatNumber(found.min_similarity, { maximumFractionDigits: 2 });
  if (found.items.length === 0) return <p className="text-muted-foreground">{t("past.none", { value: least })}</p>;
  return (
    <div className="grid grid-cols-1 gap-2">
      <p className="text-xs text-muted-foreground">{t("past.found", { count: found.items.length, value: least })}</p>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-3">
        {found.items.map((match) => (
          <li key={match.sighting.id} className="min-w-0">
            <FoundSighting match={match} />
          </li>
        ))}
      </ul>
    </div>
  );
}
