import { ScanSearch } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Can } from "@/components/can";
import { Button } from "@/components/ui/button";

interface Props {
  sightingId: string;
  /** Only the icon, with its name for screen readers. */
  compact?: boolean;
}

/** Who is this, and where was this face seen before? For whoever may search by face. */
export function SearchFaceLink({ sightingId, compact = false }: Props) {
  const { t } = useTranslation();
  return (
    <Can permission="search_by_face">
      <Button
        asChild
        variant={compact ? "ghost" : "outline"}
        size={compact ? "icon-sm" : "sm"}
        aria-label={compact ? t("searchFace") : undefined}
        title={compact ? t("searchFace") : undefined}
      >
        <Link to={`/sightings?like=${sightingId}`}>
          <ScanSearch aria-hidden />
          {!compact && t("searchFace")}
        </Link>
      </Button>
    </Can>
  );
}
