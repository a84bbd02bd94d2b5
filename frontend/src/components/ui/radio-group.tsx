import type { ComponentProps } from "react";
import { RadioGroup as Primitive } from "radix-ui";

import { cn } from "@/lib/utils";

export function RadioGroup({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return <Primitive.Root className={cn("grid gap-2", className)} {...props} />;
}

export function RadioGroupItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return (
    <Primitive.Item
      className={cn(
        "peer relative size-4 shrink-0 rounded-full border border-input bg-card after:absolute after:-inset-1.5 hover:border-muted-foreground disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-destructive data-[state=checked]:border-primary pointer-coarse:size-5 pointer-coarse:after:-inset-3",
        className,
      )}
      {...props}
    >
      <Primitive.Indicator className="flex size-full items-center justify-center">
        <span className="size-2 rounded-full bg-primary" />
      </Primitive.Indicator>
    </Primitive.Item>
  );
}
