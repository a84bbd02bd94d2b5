import { Copy, Download } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { saveText } from "@/lib/save";
import { toast, toastError } from "@/lib/toast";

/** Shown once: whoever loses the app logs in with one of them. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation("account");
  const text = codes.join("\n");

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      toast.success(t("factor.copied"));
    } catch (error) {
      toastError(error); // no clipboard without https
    }
  }

  return (
    <>
      <ul dir="ltr" className="grid grid-cols-2 gap-2 rounded-md bg-muted p-3 font-mono text-sm">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <DialogFooter>
        <Button variant="outline" onClick={() => void copy()}>
          <Copy aria-hidden />
          {t("factor.copy")}
        </Button>
        <Button variant="outline" onClick={() => saveText("sightline-recovery-codes.txt", `${text}\n`)}>
          <Download aria-hidden />
          {t("factor.download")}
        </Button>
        <Button onClick={onDone}>{t("factor.kept")}</Button>
      </DialogFooter>
    </>
  );
}
