import { useMemo, useState } from "react";

import { useUrlState } from "@/hooks/use-url-state";
import { serverNow } from "@/lib/clock";
import { resolveRange, type DateRange } from "@/lib/date-range";

import { analyticsAddress } from "./address";

const MINUTE_MS = 60_000;

/** The range of the address as since and until to ask for; the last week without one. */
export function useSpan() {
  const [{ preset, since, until }, setAddress] = useUrlState(analyticsAddress);
  // To the minute in which the page was opened: the same view asks the same question for a while.
  const [now] = useState(() => new Date(Math.ceil(serverNow() / MINUTE_MS) * MINUTE_MS).toISOString());
  const range: DateRange = useMemo(
    () => (preset || since || until ? { preset, since, until } : { preset: "week" }),
    [preset, since, until],
  );
  const span = useMemo(() => {
    const asked = resolveRange(range, new Date(now));
    return { since: asked.since ?? now, until: asked.until ?? now };
  }, [range, now]);
  const setRange = (next: DateRange) =>
    setAddress({
      preset: next.preset,
      since: next.preset ? undefined : next.since,
      until: next.preset ? undefined : next.until,
    });
  return { range, span, setRange };
}

/** Hours and days are counted in the viewer's zone. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
