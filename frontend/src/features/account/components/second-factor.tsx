import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";

import { RemoveSecondFactor } from "./remove-second-factor";
import { SecondFactorSetup } from "./second-factor-setup";

/** Whether logins need a code of an app, and how to change that. */
export function SecondFactor() {
  const { t } = useTranslation("account");
  const { user, refresh } = useAuth();
  const [isOpen, setOpen] = useState(false);
  const isOn = user?.second_factor ?? false;

  function close() {
    setOpen(false);
    void refresh();
  }

  return (
    <div className="grid justify-items-start gap-3">
      <p className="flex items-center gap-2">
        <Badge variant={isOn ? "default" : "secondary"}>{isOn ? t("factor.on") : t("factor.off")}</Badge>
        <span className="text-muted-foreground">{t("factor.hint")}</span>
      </p>
      <Button variant="outline" onClick={() => setOpen(true)}>
        {isOn ? t("factor.remove") : t("factor.begin")}
      </Button>
      {isOpen && (isOn ? <RemoveSecondFactor onClose={close} /> : <SecondFactorSetup onClose={close} />)}
    </div>
  );
}
