import type { ComponentProps } from "react";
import { Label as Primitive } from "radix-ui";

import { cn } from "@/lib/utils";

export function Label({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn("flex items-center gap-2 text-sm font-medium select-none peer-disabled:opacity-55", className)}
      {...props}
    />
  );
}
