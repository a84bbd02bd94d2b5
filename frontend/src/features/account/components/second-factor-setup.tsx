import { useState, type SyntheticEvent } from "react";
import { QRCodeSVG } from "qrcode.react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { toastError } from "@/lib/toast";

import { useBeginSecondFactor, useConfirmSecondFactor } from "../api/use-second-factor";
import { RecoveryCodes } from "./recovery-codes";

const CODE_DIGITS = 6;

/** Password, the secret for the app, a first code, the recovery codes: each step once. */
export function SecondFactorSetup({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("account");
  const begin = useBeginSecondFactor();
  const confirm = useConfirmSecondFactor();
  const [text, setText] = useState("");
  const begun = begin.data;
  const codes = confirm.data;

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    const options = { onSuccess: () => setText(""), onError: toastError };
    if (begun) confirm.mutate(text.trim(), options);
    else begin.mutate(text, options);
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{codes ? t("factor.codesTitle") : t("factor.begin")}</DialogTitle>
          <DialogDescription>
            {codes ? t("factor.codesHint") : begun ? t("factor.scan") : t("factor.passwordHint")}
          </DialogDescription>
        </DialogHeader>
        {codes ? (
          <RecoveryCodes codes={[...codes]} onDone={onClose} />
        ) : (
          <form onSubmit={submit} className="grid gap-4">
            {begun && <Secret uri={begun.uri} secret={begun.secret} />}
            <div className="grid gap-1.5">
              <Label htmlFor="factor-step">{begun ? t("login.code") : t("login.password")}</Label>
              <Input
                key={begun ? "code" : "password"}
                id="factor-step"
                type={begun ? "text" : "password"}
                inputMode={begun ? "numeric" : undefined}
                autoComplete={begun ? "one-time-code" : "current-password"}
                dir="ltr"
                autoFocus
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </div>
            <DialogFooter>
              <Button variant="outline" onClick={onClose}>
                {t("common:cancel")}
              </Button>
              <Button
                type="submit"
                disabled={begun ? text.trim().length < CODE_DIGITS : !text}
                loading={begin.isPending || confirm.isPending}
              >
                {t("common:next")}
              </Button>
            </DialogFooter>
          </form>
        )}
      </DialogContent>
    </Dialog>
  );
}

function Secret({ uri, secret }: { uri: string; secret: string }) {
  const { t } = useTranslation("account");
  return (
    <div className="grid justify-items-center gap-3">
      {/* Scanners want dark on light, whatever the theme. */}
      <div className="rounded-md bg-white p-3">
        <QRCodeSVG value={uri} size={176} title={t("factor.qr")} />
      </div>
      <p className="text-center text-muted-foreground">{t("factor.type")}</p>
      <code dir="ltr" className="rounded-md bg-muted px-2 py-1 text-xs break-all select-all">
        {secret}
      </code>
    </div>
  );
}
