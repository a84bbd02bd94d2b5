import { Suspense } from "react";

import type { Props } from "@/components/trend-chart/types";
import { Skeleton } from "@/components/ui/skeleton";
import { lazyPart } from "@/lib/lazy-part";

const DrawnChart = lazyPart(() => import("@/components/trend-chart/drawn-chart"));
const USUAL_HEIGHT = 240; // px

/** Counts over time. The drawing comes in a chunk of its own; until it is there its place is kept. */
export function TrendChart(props: Props) {
  const height = props.height ?? USUAL_HEIGHT;
  return (
    <Suspense fallback={<Skeleton className="w-full" style={{ height }} />}>
      <DrawnChart {...props} height={height} />
    </Suspense>
  );
}
