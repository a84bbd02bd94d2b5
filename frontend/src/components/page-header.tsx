import type { ReactNode } from "react";

import { usePageTitle } from "@/hooks/use-page-title";

interface Props {
  title: string;
  description?: ReactNode;
  /** Buttons of the page, at its end. */
  actions?: ReactNode;
  /** Below: tabs, filters. */
  children?: ReactNode;
}

/** A page's heading; names the browser's tab after it. */
export function PageHeader({ title, description, actions, children }: Props) {
  usePageTitle(title);

  return (
    <header className="grid gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="grid min-w-0 gap-0.5">
          <h1 className="line-clamp-3 text-xl font-semibold tracking-tight wrap-anywhere" title={title}>
            <bdi>{title}</bdi>
          </h1>
          {description && <div className="max-w-prose text-muted-foreground">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </header>
  );
}
