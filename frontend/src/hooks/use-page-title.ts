import { useEffect } from "react";

import { setPageTitle } from "@/lib/page-title";

/** Names the browser's tab after the page. */
export function usePageTitle(name: string): void {
  useEffect(() => setPageTitle({ name }), [name]);
}
