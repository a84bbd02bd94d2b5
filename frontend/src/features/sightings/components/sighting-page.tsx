import { ChevronLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";

import { SightingDetail } from "./sighting-detail";

/** One sighting on a page of its own. */
export function SightingPage() {
  const { t } = useTranslation("sightings");
  const { sightingId = "" } = useParams();
  return (
    <div className="mx-auto grid max-w-3xl grid-cols-1 gap-4">
      <PageHeader
        title={t("detail.title")}
        actions={
          <Button asChild variant="outline">
            <Link to="/sightings">
              <ChevronLeft aria-hidden className="rtl:rotate-180" />
              {t("detail.back")}
            </Link>
          </Button>
        }
      />
      <SightingDetail sightingId={sightingId} />
    </div>
  );
}
