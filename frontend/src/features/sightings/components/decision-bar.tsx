import { useState } from "react";
import { Check, Undo2, UserRoundPen, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SightingDetailOut } from "@/client/types.gen";
import { Button } from "@/components/ui/button";

import { useDecide } from "../api/use-decide";
import { AssignDialog } from "./assign-dialog";

/** Is it them? What is decided stays open to be taken back. */
export function DecisionBar({ sighting }: { sighting: SightingDetailOut }) {
  const { t } = useTranslation("sightings");
  const { decide, isBusy } = useDecide();
  const [isAssigning, setAssigning] = useState(false);
  const isNamed = sighting.subject_id !== null;
  return (
    <>
      {isNamed && !sighting.verdict && (
        <Button size="sm" loading={isBusy} onClick={() => void decide({ kind: "confirm", sighting })}>
          <Check aria-hidden />
          {t("action.confirm")}
        </Button>
      )}
      {isNamed && (
        <Button variant="outline" size="sm" disabled={isBusy} onClick={() => void decide({ kind: "reject", sighting })}>
          <X aria-hidden />
          {t("action.reject")}
        </Button>
      )}
      <Button variant="outline" size="sm" disabled={isBusy} onClick={() => setAssigning(true)}>
        <UserRoundPen aria-hidden />
        {t("action.assign")}
      </Button>
      {sighting.verdict && (
        <Button variant="ghost" size="sm" disabled={isBusy} onClick={() => void decide({ kind: "undo", sighting })}>
          <Undo2 aria-hidden />
          {t("action.undo")}
        </Button>
      )}
      <AssignDialog
        count={isAssigning ? 1 : 0}
        onClose={() => setAssigning(false)}
        onAssign={(subjectId) => decide({ kind: "assign", sighting, subjectId })}
      />
    </>
  );
}
