import type { ComponentProps } from "react";
import { cva, type VariantProps } from "class-variance-authority";

import { cn } from "@/lib/utils";

const alertVariants = cva(
  "relative grid w-full grid-cols-[0_1fr] items-start gap-y-0.5 rounded-md border px-3 py-2 has-[>svg]:grid-cols-[1rem_1fr] has-[>svg]:gap-x-2.5 [&>svg]:size-4 [&>svg]:translate-y-0.5",
  {
    variants: {
      variant: {
        default: "bg-card",
        destructive: "border-destructive/35 bg-destructive/8 text-destructive",
        warning: "border-warning/35 bg-warning/8 text-warning",
        success: "border-success/35 bg-success/8 text-success",
        info: "border-info/35 bg-info/8 text-info",
      },
    },
    defaultVariants: { variant: "default" },
  },
);

/** Give role="alert" where it appears by itself; what stands on the page from the start needs none. */
export function Alert({ className, variant, ...props }: ComponentProps<"div"> & VariantProps<typeof alertVariants>) {
  return <div className={cn(alertVariants({ variant }), className)} {...props} />;
}

export function AlertTitle({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("col-start-2 font-medium", className)} {...props} />;
}

export function AlertDescription({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("col-start-2 text-foreground", className)} {...props} />;
}
