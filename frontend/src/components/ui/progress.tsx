import type { ComponentProps } from "react";
import { Progress as Primitive } from "radix-ui";

import { cn } from "@/lib/utils";

/** value 0..max, or null while nobody knows how far it is. Needs an aria-label. */
export function Progress({ className, value = null, max = 100, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      value={value}
      max={max}
      className={cn("relative h-1.5 w-full overflow-hidden rounded-full bg-input/50", className)}
      {...props}
    >
      <Primitive.Indicator
        className={cn("h-full rounded-full bg-primary transition-[width]", value === null && "w-1/3 animate-pulse")}
        style={value === null ? undefined : { width: `${(100 * value) / max}%` }}
      />
    </Primitive.Root>
  );
}
