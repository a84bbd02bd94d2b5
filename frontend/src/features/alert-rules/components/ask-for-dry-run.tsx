import { useTranslation } from "react-i18next";

import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
} from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";

interface Props {
  onTry: () => void;
  onSave: () => void;
  onClose: () => void;
}

/** Before a rule is switched on that nobody has tried. */
export function AskForDryRun({ onTry, onSave, onClose }: Props) {
  const { t } = useTranslation("rules");
  return (
    <AlertDialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialogContent>
        <AlertDialogHeader>
          <AlertDialogTitle>{t("ask.title")}</AlertDialogTitle>
          <AlertDialogDescription>{t("ask.hint")}</AlertDialogDescription>
        </AlertDialogHeader>
        <AlertDialogFooter>
          <AlertDialogCancel>{t("common:cancel")}</AlertDialogCancel>
          <Button variant="outline" onClick={onSave}>
            {t("ask.without")}
          </Button>
          <Button onClick={onTry}>{t("ask.try")}</Button>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  );
}
