import type { ComponentProps } from "react";

import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";

type Props<V extends string> = Omit<ComponentProps<typeof SelectTrigger>, "value" | "onChange"> & {
  value: V;
  onChange: (value: V) => void;
  options: readonly { value: V; label: string }[];
};

/** One of a few. */
export function Choice<V extends string>({ value, onChange, options, ...trigger }: Props<V>) {
  return (
    <Select
      value={value}
      onValueChange={(chosen) => {
        const option = options.find((one) => one.value === chosen);
        if (option) onChange(option.value);
      }}
    >
      <SelectTrigger {...trigger}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {options.map((option) => (
          <SelectItem key={option.value} value={option.value}>
            <bdi>{option.label}</bdi>
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}

type NumberProps = Omit<ComponentProps<typeof Input>, "value" | "onChange"> & {
  value: number | null;
  onChange: (value: number | null) => void;
};

/** A number that may be left out. */
export function NumberInput({ value, onChange, ...input }: NumberProps) {
  return (
    <Input
      {...input}
      type="number"
      value={value === null || Number.isNaN(value) ? "" : value}
      onChange={(event) => onChange(event.target.value === "" ? null : event.target.valueAsNumber)}
    />
  );
}
