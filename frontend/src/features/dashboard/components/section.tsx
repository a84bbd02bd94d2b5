import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { cn } from "@/lib/utils";

interface Props {
  title: string;
  /** Where all of it is. */
  to?: string;
  className?: string;
  children: ReactNode;
}

/** A part of the dashboard under its own heading. */
export function Section({ title, to, className, children }: Props) {
  const { t } = useTranslation("dashboard");
  const id = useId();
  return (
    <section aria-labelledby={id} className={cn("flex min-w-0 flex-col rounded-lg border bg-card", className)}>
      <div className="flex h-10 items-center justify-between gap-2 border-b px-4">
        <h2 id={id} className="truncate font-medium">
          {title}
        </h2>
        {to && (
          <Link
            to={to}
            className="shrink-0 py-1 text-xs text-primary hover:underline"
            aria-label={t("allOf", { title })}
          >
            {t("all")}
          </Link>
        )}
      </div>
      {children}
    </section>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="px-4 py-8 text-center text-balance text-muted-foreground">{children}</p>;
}
