import type { ComponentProps } from "react";

import { cn } from "@/lib/utils";

/** What every field has: 16 px on phones, where Safari would zoom otherwise. */
export const fieldClasses =
  "w-full min-w-0 rounded-md border border-input bg-card text-[16px] placeholder:text-muted-foreground hover:border-muted-foreground/70 focus-visible:-outline-offset-1 disabled:cursor-not-allowed disabled:opacity-55 aria-invalid:border-destructive md:text-sm";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return (
    <input
      className={cn(
        fieldClasses,
        "h-8 px-2.5 read-only:bg-muted/60 file:me-2 file:border-0 file:bg-transparent file:font-medium pointer-coarse:h-11",
        className,
      )}
      {...props}
    />
  );
}
