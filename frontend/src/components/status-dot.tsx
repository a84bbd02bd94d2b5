import type { ReactNode } from "react";

import { cn } from "@/lib/utils";

const TONES = {
  success: "bg-success",
  warning: "bg-warning",
  danger: "bg-destructive",
  info: "bg-info",
  primary: "bg-primary",
  neutral: "bg-muted-foreground",
};
export type Tone = keyof typeof TONES;

interface Props {
  tone: Tone;
  /** Always said; seen too unless hideLabel. */
  label: ReactNode;
  hideLabel?: boolean;
  className?: string;
}

export function StatusDot({ tone, label, hideLabel = false, className }: Props) {
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1.5", className)}>
      <span aria-hidden className={cn("size-2 shrink-0 rounded-full", TONES[tone])} />
      <span className={hideLabel ? "sr-only" : "truncate"}>{label}</span>
    </span>
  );
}
