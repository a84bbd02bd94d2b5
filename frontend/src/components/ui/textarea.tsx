import type { ComponentProps } from "react";

import { fieldClasses } from "@/components/ui/input";
import { cn } from "@/lib/utils";

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea
      className={cn(fieldClasses, "field-sizing-content read-only:bg-muted/60 min-h-16 px-2.5 py-1.5", className)}
      {...props}
    />
  );
}
