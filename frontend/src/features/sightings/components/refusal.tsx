import { useTranslation } from "react-i18next";

import type { FaceSeen } from "@/client/types.gen";
import { ErrorState } from "@/components/error-state";
import { formatNumber, formatPercent } from "@/lib/format";

import { facesOf } from "../lib/faces";

/** Why a picture will not do, and what was measured in it. */
export function Refusal({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation("sightings");
  const [face] = facesOf(error);
  return (
    <div className="grid gap-2">
      <ErrorState error={error} onRetry={face ? undefined : onRetry} className="py-6" />
      {face && (
        <section
          aria-labelledby="measured"
          className="mx-auto grid w-full max-w-sm gap-2 rounded-lg border bg-card p-4"
        >
          <h3 id="measured" className="font-semibold">
            {t("refusal.title")}
          </h3>
          <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 tabular-nums">
            {measures(face).map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted-foreground">{t(`refusal.${name}`)}</dt>
                <dd className="text-end">
                  {name === "eyes"
                    ? t("refusal.px", { number: formatNumber(value, { maximumFractionDigits: 0 }) })
                    : formatPercent(value)}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function measures(face: FaceSeen) {
  return [
    ["quality", face.quality],
    ["eyes", face.eye_distance],
    ["sharpness", face.sharpness],
    ["frontality", face.frontality],
    ["exposure", face.exposure],
    ["visible", face.visible],
  ] as const;
}
