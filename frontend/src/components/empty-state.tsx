import type { ReactNode } from "react";
import type { LucideIcon } from "lucide-react";

import { cn } from "@/lib/utils";

interface Props {
  icon: LucideIcon;
  title: string;
  /** What to do next. */
  description?: ReactNode;
  action?: ReactNode;
  className?: string;
}

/** Nothing is here, and why that is or what to do about it. */
export function EmptyState({ icon: Icon, title, description, action, className }: Props) {
  return (
    <div className={cn("grid justify-items-center gap-2 px-4 py-12 text-center", className)}>
      <span className="mb-1 flex size-10 items-center justify-center rounded-lg border bg-muted/60 text-muted-foreground">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="text-base font-medium text-balance">{title}</p>
      {description && <div className="max-w-sm text-pretty text-muted-foreground">{description}</div>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
