import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";

interface Props {
  isLoading: boolean;
  /** Asking by itself was in vain. */
  needsButton: boolean;
  onMore?: () => void;
}

/** The foot of a list that goes on; of the same height whatever it says. */
export function LoadMore({ isLoading, needsButton, onMore }: Props) {
  const { t } = useTranslation("kit");
  return (
    <div role="status" className="flex h-14 items-center justify-center text-muted-foreground">
      {isLoading && (
        <>
          <LoaderCircle aria-hidden className="me-2 size-4 animate-spin" />
          {t("loading")}
        </>
      )}
      {needsButton && (
        <Button variant="outline" size="sm" onClick={onMore}>
          {t("more")}
        </Button>
      )}
    </div>
  );
}
