import type { ComponentProps } from "react";
import { Slider as Primitive } from "radix-ui";

import { cn } from "@/lib/utils";

interface Names {
  /** One name per thumb; without it all carry the slider's aria-label. */
  thumbLabels?: string[];
  /** What a screen reader says for a value, e.g. "62 %". */
  valueText?: (value: number) => string;
}

export function Slider({
  className,
  thumbLabels,
  valueText,
  "aria-label": label,
  "aria-labelledby": labelledBy,
  ...props
}: ComponentProps<typeof Primitive.Root> & Names) {
  const values = props.value ?? props.defaultValue ?? [props.min ?? 0];
  return (
    <Primitive.Root
      className={cn(
        "relative flex h-6 w-full touch-none items-center select-none data-disabled:opacity-50 data-[orientation=vertical]:h-full data-[orientation=vertical]:w-6 data-[orientation=vertical]:flex-col",
        className,
      )}
      {...props}
    >
      <Primitive.Track className="relative grow overflow-hidden rounded-full bg-input/60 data-[orientation=horizontal]:h-1 data-[orientation=vertical]:w-1">
        <Primitive.Range className="absolute bg-primary data-[orientation=horizontal]:h-full data-[orientation=vertical]:w-full" />
      </Primitive.Track>
      {values.map((value, index) => (
        <Primitive.Thumb
          key={index}
          aria-label={thumbLabels?.[index] ?? label}
          aria-labelledby={thumbLabels ? undefined : labelledBy}
          aria-valuetext={valueText?.(value)}
          className="relative block size-4 rounded-full border-2 border-primary bg-card after:absolute after:-inset-1.5"
        />
      ))}
    </Primitive.Root>
  );
}
