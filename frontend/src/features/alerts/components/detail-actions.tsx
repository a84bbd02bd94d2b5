import { CheckCheck, Eye, RotateCcw, UserRoundPlus } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertDetailOut } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";

import type { Handling } from "../api/use-handling";
import { AssignMenu } from "./assign-menu";

interface Props {
  alert: AlertDetailOut;
  handling: Handling;
  onResolve: () => void;
}

/** What can be done with one alert now. */
export function DetailActions({ alert, handling, onResolve }: Props) {
  const { t } = useTranslation("alerts");
  if (alert.status === "resolved")
    return (
      <Button variant="outline" onClick={() => handling.reopen(alert.id)}>
        <RotateCcw aria-hidden />
        {t("action.reopen")}
      </Button>
    );
  return (
    <>
      {alert.status === "new" && (
        <Button onClick={() => void handling.acknowledge([alert.id])} aria-keyshortcuts="a">
          <Eye aria-hidden />
          {t("action.acknowledge")}
          <Hint>a</Hint>
        </Button>
      )}
      <Button variant={alert.status === "new" ? "outline" : "default"} onClick={onResolve} aria-keyshortcuts="r">
        <CheckCheck aria-hidden />
        {t("action.resolve")}
        <Hint>r</Hint>
      </Button>
      <AssignMenu alertId={alert.id} onAssign={(person) => void handling.assign([alert.id], person)}>
        <Button variant="outline">
          <UserRoundPlus aria-hidden />
          {t("action.assign")}
        </Button>
      </AssignMenu>
    </>
  );
}

function Hint({ children }: { children: string }) {
  return (
    <Kbd aria-hidden className="h-4 min-w-4 border-current/30 bg-transparent text-current pointer-coarse:hidden">
      {children}
    </Kbd>
  );
}
