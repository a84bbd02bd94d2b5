import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { WarningOut } from "@/client/types.gen";
import { Alert, AlertDescription } from "@/components/ui/alert";

/** Why a rule may not do what was meant. */
export function Warnings({ warnings }: { warnings: WarningOut[] }) {
  const { t } = useTranslation("rules");
  if (warnings.length === 0) return null;
  return (
    <Alert variant="warning">
      <TriangleAlert aria-hidden />
      <AlertDescription>
        <ul className="grid gap-1">
          {warnings.map(({ code, message }) => (
            <li key={`${code} ${message}`}>{t(`warning.${code}`, { defaultValue: message })}</li>
          ))}
        </ul>
      </AlertDescription>
    </Alert>
  );
}
