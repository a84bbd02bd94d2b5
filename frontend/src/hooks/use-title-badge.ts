import { useEffect } from "react";

import { useUnreadCount } from "@/hooks/use-unread-count";
import { setPageTitle } from "@/lib/page-title";

/** Before the page's name in the browser's tab: how many alerts nobody has looked at. */
export function useTitleBadge(): void {
  const { data } = useUnreadCount();
  const count = data?.new ?? 0;
  useEffect(() => setPageTitle({ count }), [count]);
  useEffect(() => () => setPageTitle({ count: 0 }), []);
}
