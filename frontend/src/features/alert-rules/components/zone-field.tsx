import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { RuleValues } from "../lib/rule-values";
import { useOptional } from "./field";
import { Optional } from "./section";
import { ZoneDrawing } from "./zone-drawing";

const MIDDLE: [number, number][] = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
];

/** A part of the camera's picture: the centre of a face has to lie in it. */
export function ZoneField({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation("rules");
  const { watch, setValue } = useFormContext<RuleValues>();
  const zone = useOptional<RuleValues>("zone", [MIDDLE]);
  return (
    <Optional label={t("part.label")} hint={t("part.hint")} isOn={zone.isOn} onToggle={zone.toggle}>
      <ZoneDrawing
        cameraId={cameraId}
        areas={watch("zone") ?? []}
        onChange={(areas) => setValue("zone", areas, { shouldDirty: true })}
      />
    </Optional>
  );
}
