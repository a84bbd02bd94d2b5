import { useSyncExternalStore } from "react";

import { currentPurpose, onPurpose } from "@/lib/purpose";

/** Why this tab's user looks at people, as far as it was stated. */
export function usePurpose(): string | null {
  return useSyncExternalStore(onPurpose, currentPurpose);
}
