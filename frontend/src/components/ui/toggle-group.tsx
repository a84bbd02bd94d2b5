import type { ComponentProps } from "react";
import { ToggleGroup as Primitive } from "radix-ui";

import { cn } from "@/lib/utils";

export function ToggleGroup({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn("inline-flex w-fit items-center gap-0.5 rounded-md border bg-muted/60 p-0.5", className)}
      {...props}
    />
  );
}

export function ToggleGroupItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return (
    <Primitive.Item
      className={cn(
        "inline-flex h-6.5 min-w-6.5 items-center justify-center gap-1.5 rounded-sm px-2 text-xs font-medium whitespace-nowrap text-muted-foreground hover:text-foreground disabled:pointer-events-none disabled:opacity-50 data-[state=on]:bg-card data-[state=on]:text-foreground data-[state=on]:ring-1 data-[state=on]:ring-border dark:data-[state=on]:bg-accent pointer-coarse:h-9 [&_svg]:size-4",
        className,
      )}
      {...props}
    />
  );
}
