import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { assignSighting, rejectSighting, undoCorrection } from "@/client/sdk.gen";
import type { SightingOut } from "@/client/types.gen";
import { LiveCache } from "@/lib/live-cache";
import { invalidate } from "@/lib/query";
import { toast, toastError } from "@/lib/toast";

export type Decision =
  | { kind: "confirm"; sighting: SightingOut }
  | { kind: "assign"; sighting: SightingOut; subjectId: string; note?: string }
  | { kind: "reject"; sighting: SightingOut; note?: string }
  | { kind: "undo"; sighting: SightingOut };

async function send(decision: Decision): Promise<SightingOut> {
  const path = { sighting_id: decision.sighting.id };
  if (decision.kind === "reject") return (await rejectSighting({ path, body: { note: decision.note } })).data;
  if (decision.kind === "undo") return (await undoCorrection({ path, body: {} })).data;
  const subjectId = decision.kind === "assign" ? decision.subjectId : (decision.sighting.subject_id ?? "");
  const note = decision.kind === "assign" ? decision.note : undefined;
  return (await assignSighting({ path, body: { subject_id: subjectId, note } })).data;
}

/** "This is them", "this is not them", "this is somebody else", and back. */
export function useDecide() {
  const { t } = useTranslation("sightings");
  const client = useQueryClient();
  const deciding = useMutation({ mutationFn: send });

  async function decide(decision: Decision): Promise<boolean> {
    if (deciding.isPending) return false;
    try {
      const after = await deciding.mutateAsync(decision);
      // The same as the event about it says, which may be a moment later.
      new LiveCache(client).apply("recognitions", after);
      void invalidate(client, "getSighting", "countRecognitionErrors");
      tell(decision, after);
      return true;
    } catch (error) {
      toastError(error);
      return false;
    }
  }

  function tell(decision: Decision, after: SightingOut) {
    const name = after.subject_name ?? t("common:unknownPerson");
    const action =
      decision.kind === "undo"
        ? undefined
        : { label: t("action.undo"), onClick: () => void decide({ kind: "undo", sighting: after }) };
    toast.success(t(`told.${decision.kind}`, { name }), { action });
  }

  return { decide, isBusy: deciding.isPending };
}
