import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { ErrorState } from "@/components/error-state";

interface Props<T> {
  query: { data: T | undefined; error: unknown; isError: boolean; refetch: () => unknown };
  /** As large as what comes, so that nothing jumps. */
  skeleton: ReactNode;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Loading, failed, empty or there. What is there stays when reading it again fails. */
export function QueryView<T>({ query, skeleton, isEmpty, empty, children }: Props<T>) {
  const { t } = useTranslation("kit");
  if (query.data !== undefined) return isEmpty?.(query.data) ? empty : children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div aria-busy="true">
      <span role="status" className="sr-only">
        {t("loading")}
      </span>
      {skeleton}
    </div>
  );
}
