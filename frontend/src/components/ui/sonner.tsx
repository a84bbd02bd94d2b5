import { CircleCheck, CircleX, Info, LoaderCircle, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Toaster as Primitive, type ToasterProps } from "sonner";

import { useTheme } from "@/hooks/use-theme";

/** Announced politely by a live region of its own; Alt+T moves the focus there. */
export function Toaster(props: ToasterProps) {
  const { t, i18n } = useTranslation("kit");
  const { shown } = useTheme();
  const direction = i18n.dir();
  return (
    <Primitive
      theme={shown}
      dir={direction}
      position={direction === "rtl" ? "bottom-left" : "bottom-right"}
      containerAriaLabel={t("notices")}
      closeButton
      icons={{
        success: <CircleCheck className="size-4 text-success" />,
        error: <CircleX className="size-4 text-destructive" />,
        warning: <TriangleAlert className="size-4 text-warning" />,
        info: <Info className="size-4 text-info" />,
        loading: <LoaderCircle className="size-4 animate-spin" />,
      }}
      toastOptions={{ closeButtonAriaLabel: t("close"), classNames: { description: "text-muted-foreground!" } }}
      {...props}
    />
  );
}
