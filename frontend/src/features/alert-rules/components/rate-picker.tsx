import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";

import { formatRate } from "@/lib/format";

import { Choice } from "./choice";

const RATES = [1e-3, 1e-4, 1e-5, 1e-6];

type Props = Omit<ComponentProps<"button">, "value" | "onChange" | "type" | "dir"> & {
  value: number | null;
  onChange: (rate: number | null) => void;
};

/** How rarely two different people may be taken for one. */
export function RatePicker({ value, onChange, ...trigger }: Props) {
  const { t } = useTranslation("rules");
  const rates = value === null || RATES.includes(value) ? RATES : [value, ...RATES];
  const options = [
    { value: "none", label: t("sure.match") },
    ...rates.map((rate) => ({ value: String(rate), label: formatRate(rate) })),
  ];
  return (
    <Choice
      {...trigger}
      value={value === null ? "none" : String(value)}
      onChange={(chosen) => onChange(chosen === "none" ? null : Number(chosen))}
      options={options}
    />
  );
}
