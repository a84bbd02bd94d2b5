import type { ComponentProps } from "react";
import { Switch as Primitive } from "radix-ui";

import { cn } from "@/lib/utils";

export function Switch({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn(
        "peer relative inline-flex h-4.5 w-8 shrink-0 items-center rounded-full border border-transparent bg-input transition-colors after:absolute after:-inset-1.5 disabled:cursor-not-allowed disabled:opacity-50 data-[state=checked]:bg-primary pointer-coarse:after:-inset-3",
        className,
      )}
      {...props}
    >
      <Primitive.Thumb className="pointer-events-none size-3.5 rounded-full bg-white shadow-xs transition-transform data-[state=checked]:translate-x-4 data-[state=unchecked]:translate-x-px rtl:data-[state=checked]:-translate-x-4 rtl:data-[state=unchecked]:-translate-x-px dark:data-[state=checked]:bg-primary-foreground" />
    </Primitive.Root>
  );
}
