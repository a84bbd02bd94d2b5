import { Maximize2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Button } from "@/components/ui/button";
import { Sheet, SheetContent, SheetDescription, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { useShortcut } from "@/hooks/use-shortcut";

import { useSettled } from "../lib/use-settled";
import { unlessCovered } from "../lib/use-sighting-keys";
import { SightingDetail } from "./sighting-detail";

/** Whoever runs through a list does not look at everybody in it: looks go on record. */
const LOOKED_AT_MS = 150;

interface Props {
  sightingId: string;
  isWide: boolean;
  onClose: () => void;
}

/** The sighting that one looks at: beside the list where there is room, over it on a phone. */
export function SelectedSighting({ sightingId, isWide, onClose }: Props) {
  const { t } = useTranslation("sightings");
  const shown = useSettled(sightingId, LOOKED_AT_MS);
  useShortcut("escape", t("key.close"), unlessCovered(onClose), isWide);
  if (!isWide)
    return (
      <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
        <SheetContent>
          <SheetHeader>
            <SheetTitle>{t("detail.title")}</SheetTitle>
            <SheetDescription className="sr-only">{t("detail.hint")}</SheetDescription>
          </SheetHeader>
          <SightingDetail sightingId={shown} />
        </SheetContent>
      </Sheet>
    );
  return (
    <section aria-label={t("detail.label")} className="min-h-0 overflow-y-auto border-s bg-card px-5 py-3">
      <div className="mb-3 flex items-center gap-1">
        <h2 className="me-auto text-base font-semibold">{t("detail.title")}</h2>
        <Button asChild variant="ghost" size="icon-sm" aria-label={t("detail.own")} title={t("detail.own")}>
          <Link to={`/sightings/${sightingId}`}>
            <Maximize2 aria-hidden />
          </Link>
        </Button>
        <Button variant="ghost" size="icon-sm" aria-label={t("common:close")} onClick={onClose}>
          <X aria-hidden />
        </Button>
      </div>
      <SightingDetail sightingId={shown} />
    </section>
  );
}
