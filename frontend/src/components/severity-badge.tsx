import { ChevronDown, ChevronsUp, ChevronUp, Equal } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Severity } from "@/client/types.gen";
import { cn } from "@/lib/utils";
import { Badge } from "@/components/ui/badge";

// Colour, sign and word: none of them alone.
const LOOKS = {
  low: { icon: ChevronDown, classes: "bg-severity-low/12 text-severity-low" },
  medium: { icon: Equal, classes: "bg-severity-medium/12 text-severity-medium" },
  high: { icon: ChevronUp, classes: "bg-severity-high/12 text-severity-high" },
  critical: { icon: ChevronsUp, classes: "bg-severity-critical/12 text-severity-critical" },
} satisfies Record<Severity, unknown>;

export function SeverityBadge({ severity, className }: { severity: Severity; className?: string }) {
  const { t } = useTranslation("kit");
  const { icon: Icon, classes } = LOOKS[severity];
  return (
    <Badge className={cn(classes, className)}>
      <Icon aria-hidden strokeWidth={2.5} />
      {t(`severity.${severity}`)}
    </Badge>
  );
}
