import { useTranslation } from "react-i18next";

import type { SearchStatus } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";

const VARIANTS = { pending: "warning", approved: "success", denied: "destructive", expired: "secondary" } as const;

export function SearchStatusBadge({ status }: { status: SearchStatus }) {
  const { t } = useTranslation("sightings");
  return <Badge variant={VARIANTS[status]}>{t(`searches.is.${status}`)}</Badge>;
}
