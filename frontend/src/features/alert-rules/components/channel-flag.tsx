import { useFormContext, useWatch } from "react-hook-form";

import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";

import type { ChannelValues } from "../lib/channel-values";

export function Flag({
  name,
  label,
  hint,
}: {
  name: "is_active" | "include_pictures" | "tls";
  label: string;
  hint?: string;
}) {
  const { control, setValue } = useFormContext<ChannelValues>();
  const isOn = useWatch({ control, name });
  const id = `channel-${name}`;
  return (
    <div className="flex items-start gap-2.5">
      <Switch
        id={id}
        checked={isOn}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onCheckedChange={(next) => setValue(name, next, { shouldDirty: true })}
      />
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
  );
}
