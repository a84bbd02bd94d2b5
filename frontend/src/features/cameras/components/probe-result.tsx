import { CircleCheck, CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { CameraProbeOut } from "@/client/types.gen";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { formatNumber } from "@/lib/format";

/** What answers at an address, or why nothing does and what to do. */
export function ProbeResult({ probe }: { probe: CameraProbeOut }) {
  const { t } = useTranslation("cameras");
  if (!probe.reachable)
    return (
      <Alert variant="destructive" role="alert">
        <CircleX aria-hidden />
        <AlertTitle>{t(`common:code.${probe.code}`, { defaultValue: t("probe.failed") })}</AlertTitle>
        <AlertDescription>
          {probe.detail} {probe.hint}
        </AlertDescription>
      </Alert>
    );
  const facts = [
    probe.codec?.toUpperCase(),
    probe.width && probe.height ? `${probe.width}×${probe.height}` : null,
    probe.fps ? t("perSecond", { value: formatNumber(probe.fps, { maximumFractionDigits: 1 }) }) : null,
  ];
  return (
    <Alert role="status">
      <CircleCheck aria-hidden className="text-success" />
      <AlertTitle>{t("probe.works")}</AlertTitle>
      <AlertDescription>
        <bdi>{facts.filter(Boolean).join(" · ")}</bdi>
        {probe.live === false && <span> · {t("probe.ends")}</span>}
        {probe.picture && (
          <img
            src={`data:image/jpeg;base64,${probe.picture}`}
            alt={t("probe.picture")}
            className="mt-2 max-h-56 w-full rounded-md border object-contain"
          />
        )}
      </AlertDescription>
    </Alert>
  );
}
