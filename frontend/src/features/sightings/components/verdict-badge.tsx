import { Check, UserRoundPen, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { SightingOut } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";

const SHOWN = {
  confirmed: { icon: Check, variant: "success" },
  rejected: { icon: X, variant: "destructive" },
  assigned: { icon: UserRoundPen, variant: "info" },
} as const;

/** What a person decided; nothing where nobody has. */
export function VerdictBadge({ verdict }: { verdict: SightingOut["verdict"] }) {
  const { t } = useTranslation("sightings");
  if (!verdict) return null;
  const { icon: Icon, variant } = SHOWN[verdict];
  return (
    <Badge variant={variant}>
      <Icon aria-hidden />
      {t(`verdict.${verdict}`)}
    </Badge>
  );
}
