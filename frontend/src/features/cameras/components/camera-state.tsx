import { useTranslation } from "react-i18next";

import type { CameraOut } from "@/client/types.gen";
import { StatusDot } from "@/components/status-dot";

import { stateOf, TONES } from "../lib/status";

export function CameraState({ camera }: { camera: CameraOut }) {
  const { t } = useTranslation("cameras");
  const state = stateOf(camera);
  return <StatusDot tone={TONES[state]} label={t(`state.${state}`)} />;
}
