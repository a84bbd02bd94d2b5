import type { ComponentProps } from "react";
import { Dialog as Primitive } from "radix-ui";

import { CloseButton, overlayClasses } from "@/components/ui/dialog";
import { useReturnFocus } from "@/components/ui/use-return-focus";
import { cn } from "@/lib/utils";

export const Sheet = Primitive.Root;
export const SheetTrigger = Primitive.Trigger;
export const SheetClose = Primitive.Close;

const SIDES = {
  end: "inset-y-0 end-0 h-dvh w-full border-s data-[state=closed]:slide-out-to-end data-[state=open]:slide-in-from-end sm:max-w-md",
  start:
    "inset-y-0 start-0 h-dvh w-[min(20rem,85vw)] border-e data-[state=closed]:slide-out-to-start data-[state=open]:slide-in-from-start",
  top: "inset-x-0 top-0 max-h-dvh border-b data-[state=closed]:slide-out-to-top data-[state=open]:slide-in-from-top",
  bottom:
    "inset-x-0 bottom-0 max-h-dvh rounded-t-lg border-t data-[state=closed]:slide-out-to-bottom data-[state=open]:slide-in-from-bottom",
};

/** start and end follow the direction of writing; "end" fills a phone's screen. */
export function SheetContent({
  className,
  children,
  side = "end",
  ...props
}: ComponentProps<typeof Primitive.Content> & { side?: keyof typeof SIDES }) {
  const focus = useReturnFocus(props);
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        className={cn(
          "fixed z-50 flex flex-col gap-4 overflow-y-auto bg-popover p-5 text-popover-foreground shadow-lg outline-none data-[state=closed]:animate-out data-[state=closed]:duration-150 data-[state=open]:animate-in data-[state=open]:duration-200",
          SIDES[side],
          className,
        )}
        {...props}
        {...focus}
      >
        {children}
        <CloseButton />
      </Primitive.Content>
    </Primitive.Portal>
  );
}

export function SheetHeader({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("grid gap-1 pe-8", className)} {...props} />;
}

export function SheetFooter({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("mt-auto flex flex-wrap justify-end gap-2", className)} {...props} />;
}

export function SheetTitle({ className, ...props }: ComponentProps<typeof Primitive.Title>) {
  return <Primitive.Title className={cn("text-lg font-semibold", className)} {...props} />;
}

export function SheetDescription({ className, ...props }: ComponentProps<typeof Primitive.Description>) {
  return <Primitive.Description className={cn("text-muted-foreground", className)} {...props} />;
}
