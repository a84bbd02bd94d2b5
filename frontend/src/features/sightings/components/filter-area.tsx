import { useState, type ReactNode } from "react";
import { SlidersHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";

interface Props {
  isWide: boolean;
  isSet: boolean;
  children: ReactNode;
}

/** On a phone the list comes first: filters show on demand, and where one is set. */
export function FilterArea({ isWide, isSet, children }: Props) {
  const { t } = useTranslation("sightings");
  const [isOpen, setOpen] = useState(isSet);
  if (isWide) return children;
  return (
    <div className="grid gap-2">
      <Button
        variant="outline"
        size="sm"
        className="justify-self-start"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <SlidersHorizontal aria-hidden />
        {t("filter.title")}
      </Button>
      {isOpen && children}
    </div>
  );
}
