import { useId, type ReactNode } from "react";

import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";

/** A question that a rule answers. */
export function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid gap-3 rounded-lg border bg-card p-4">
      <div className="grid gap-0.5">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        {hint && <p className="text-xs text-muted-foreground">{hint}</p>}
      </div>
      {children}
    </section>
  );
}

interface OptionalProps {
  label: string;
  hint?: string;
  isOn: boolean;
  onToggle: (isOn: boolean) => void;
  children?: ReactNode;
}

/** A condition that may be left out: its fields are there while it is on. */
export function Optional({ label, hint, isOn, onToggle, children }: OptionalProps) {
  const id = useId();
  return (
    <div className="grid gap-3 border-t pt-3">
      <div className="flex items-start gap-2.5">
        <Switch id={id} checked={isOn} onCheckedChange={onToggle} aria-describedby={hint ? `${id}-hint` : undefined} />
        <div className="grid gap-0.5">
          <Label htmlFor={id} className="font-normal">
            {label}
          </Label>
          {hint && (
            <p id={`${id}-hint`} className="text-xs text-muted-foreground">
              {hint}
            </p>
          )}
        </div>
      </div>
      {isOn && children && <div className="grid gap-3 ps-4 sm:ps-10">{children}</div>}
    </div>
  );
}
