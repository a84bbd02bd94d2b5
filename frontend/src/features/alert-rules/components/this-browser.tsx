import { useState } from "react";
import { BellRing, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { TimeAgo } from "@/components/time-ago";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { useWebPush } from "@/hooks/use-web-push";
import { isApiError } from "@/lib/errors";
import { errorTexts, toastError } from "@/lib/toast";

import { useBrowsers, useForgetBrowser } from "../api/use-browsers";
import { Section } from "./section";

/** Alerts told by this very browser, and the other browsers of whoever looks. */
export function ThisBrowser() {
  const { t } = useTranslation("channels");
  const push = useWebPush();
  const [device, setDevice] = useState("");
  return (
    <Section title={t("browser.title")} hint={t("browser.hint")}>
      {push.state === "unsupported" && <p>{t("browser.unsupported")}</p>}
      {push.state === "blocked" && <p>{t("browser.blocked")}</p>}
      {push.state === "off" && (
        <div className="flex flex-wrap items-end gap-2">
          <div className="grid gap-1.5">
            <Label htmlFor="push-device">{t("browser.device")}</Label>
            <Input
              id="push-device"
              dir="auto"
              maxLength={100}
              placeholder={t("browser.deviceExample")}
              value={device}
              onChange={(event) => setDevice(event.target.value)}
            />
          </div>
          <Button loading={push.isBusy} onClick={() => push.subscribe(device.trim())}>
            <BellRing aria-hidden />
            {t("browser.on")}
          </Button>
        </div>
      )}
      {push.state === "on" && (
        <div className="flex flex-wrap items-center gap-3">
          <p>{t("browser.isOn")}</p>
          <Button variant="outline" loading={push.isBusy} onClick={push.unsubscribe}>
            {t("browser.off")}
          </Button>
        </div>
      )}
      <div aria-live="polite">{push.error && <Problem error={push.error} />}</div>
      <Browsers />
    </Section>
  );
}

function Problem({ error }: { error: unknown }) {
  const { t } = useTranslation("channels");
  const said = error instanceof Error ? error.message : "";
  const { title, description } = isApiError(error)
    ? errorTexts(error)
    : { title: t("browser.failed"), description: said };
  return (
    <Alert variant="destructive">
      <AlertTitle>{title}</AlertTitle>
      {description && <AlertDescription dir="auto">{description}</AlertDescription>}
    </Alert>
  );
}

function Browsers() {
  const { t } = useTranslation("channels");
  const browsers = useBrowsers();
  const forget = useForgetBrowser();
  if (!browsers.data?.length) return null;
  return (
    <div className="grid gap-1.5 border-t pt-3">
      <h3 className="text-xs font-medium">{t("browser.yours")}</h3>
      <ul className="divide-y rounded-md border">
        {browsers.data.map(({ id, device, host, last_used_at }) => (
          <li key={id} className="flex items-center justify-between gap-2 px-3 py-1.5">
            <span className="min-w-0">
              <bdi className="block truncate">{device || host}</bdi>
              <span className="block truncate text-xs text-muted-foreground">
                {host} · {last_used_at ? <TimeAgo value={last_used_at} /> : t("browser.neverUsed")}
              </span>
            </span>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("browser.forget", { name: device || host })}
              onClick={() => forget.mutate(id, { onError: toastError })}
            >
              <Trash2 aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
