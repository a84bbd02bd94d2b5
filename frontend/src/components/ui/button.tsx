import type { ComponentProps, MouseEvent } from "react";
import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";

import { cn } from "@/lib/utils";

export const buttonVariants = cva(
  "relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors select-none disabled:pointer-events-none disabled:opacity-50 aria-disabled:cursor-default aria-invalid:border-destructive [&_svg]:pointer-events-none [&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-4",
  {
    variants: {
      variant: {
        default: "bg-primary text-primary-foreground hover:bg-primary/90",
        secondary: "bg-secondary text-secondary-foreground hover:bg-secondary/75",
        outline:
          "border border-border bg-card hover:bg-accent hover:text-accent-foreground data-[state=open]:bg-accent",
        ghost: "hover:bg-accent hover:text-accent-foreground data-[state=open]:bg-accent",
        destructive: "bg-destructive-fill text-destructive-fill-foreground hover:bg-destructive-fill/90",
        link: "text-primary underline-offset-4 hover:underline",
      },
      size: {
        default: "h-8 px-3 pointer-coarse:h-11",
        sm: "h-7 px-2.5 text-xs pointer-coarse:h-9 [&_svg:not([class*='size-'])]:size-3.5",
        lg: "h-9 px-4 text-base pointer-coarse:h-11",
        icon: "size-8 pointer-coarse:size-11",
        "icon-sm": "size-7 pointer-coarse:size-9",
      },
    },
    defaultVariants: { variant: "default", size: "default" },
  },
);

type Props = ComponentProps<"button"> &
  VariantProps<typeof buttonVariants> & {
    asChild?: boolean;
    /** Busy: keeps its width and the focus, and takes no second click. */
    loading?: boolean;
  };

export function Button({
  className,
  variant,
  size,
  asChild = false,
  loading = false,
  onClick,
  children,
  ...props
}: Props) {
  const classes = cn(buttonVariants({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={classes} onClick={onClick} {...props}>
        {children}
      </Slot.Root>
    );
  }

  function click(event: MouseEvent<HTMLButtonElement>) {
    // A double click sends a form once: that it is busy is known a moment later.
    const isSecond = props.type === "submit" && event.detail > 1;
    if (loading || isSecond) event.preventDefault();
    else onClick?.(event);
  }

  return (
    <button
      type="button"
      className={classes}
      aria-busy={loading || undefined}
      aria-disabled={loading || undefined}
      onClick={click}
      {...props}
    >
      {loading ? (
        <>
          <span className="inline-flex items-center gap-[inherit] opacity-0">{children}</span>
          <LoaderCircle aria-hidden className="absolute animate-spin" />
        </>
      ) : (
        children
      )}
    </button>
  );
}
