import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { PolygonEditor } from "@/components/polygon-editor";
import { useFrame } from "@/hooks/use-frame";

import type { RuleValues } from "../lib/rule-values";
import { useOptional } from "./field";
import { Optional } from "./section";

const MIDDLE: [number, number][] = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
];

/** A part of the camera's picture: the centre of a face has to lie in it. */
export function ZoneField({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation("rules");
  const zone = useOptional<RuleValues>("zone", [MIDDLE]);
  return (
    <Optional label={t("part.label")} hint={t("part.hint")} isOn={zone.isOn} onToggle={zone.toggle}>
      <Zone key={cameraId} cameraId={cameraId} />
    </Optional>
  );
}

function Zone({ cameraId }: { cameraId: string }) {
  const { t } = useTranslation("rules");
  const { watch, setValue } = useFormContext<RuleValues>();
  const frame = useFrame(cameraId);
  return (
    <PolygonEditor
      tone="region"
      label={t("part.label")}
      src={frame.src}
      isMissing={frame.isMissing}
      onRenew={frame.again}
      areas={watch("zone") ?? []}
      onChange={(areas) =>
        setValue(
          "zone",
          areas.map((area) => area.map(([x, y]): [number, number] => [x, y])),
          { shouldDirty: true },
        )
      }
    />
  );
}
