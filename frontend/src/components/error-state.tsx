import { RotateCw, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { ApiError } from "@/lib/errors";
import { errorTexts } from "@/lib/toast";
import { cn } from "@/lib/utils";

interface Props {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}

/** What failed, what to do, and the number by which an administrator finds it in the log. */
export function ErrorState({ error, onRetry, className }: Props) {
  const { t } = useTranslation("kit");
  const { title, description } = errorTexts(error);
  const detail = error instanceof ApiError && error.detail !== title ? error.detail : "";
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div role="alert" className={cn("grid justify-items-center gap-2 px-4 py-12 text-center", className)}>
      <span className="mb-1 flex size-10 items-center justify-center rounded-lg border border-destructive/30 bg-destructive/8 text-destructive">
        <TriangleAlert aria-hidden className="size-5" />
      </span>
      <p className="text-base font-medium text-balance">{title}</p>
      {detail && <p className="max-w-md text-pretty">{detail}</p>}
      {description && <p className="max-w-md text-pretty text-muted-foreground">{description}</p>}
      {requestId && (
        <p className="text-xs text-muted-foreground">
          {t("request")} <code className="font-mono select-all">{requestId}</code>
        </p>
      )}
      {onRetry && (
        <Button variant="outline" className="mt-2" onClick={onRetry}>
          <RotateCw aria-hidden />
          {t("retry")}
        </Button>
      )}
    </div>
  );
}
