import { useEffect, useRef, useState } from "react";
import { Bell, BellOff } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { AlertOut } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Tooltip, TooltipContent, TooltipTrigger } from "@/components/ui/tooltip";
import { useLocalStorage } from "@/hooks/use-local-storage";
import { useTopic } from "@/hooks/use-web-socket";

import { Arrivals } from "../lib/arrivals";
import { playAlertSound } from "../lib/sound";

const TOGETHER_MS = 1_000;
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

/** Says politely what has come, all of a second in one sentence, and sounds where that is wanted. */
export function NewAlerts() {
  const { t } = useTranslation(["alerts", "kit"]);
  const [hasSound, setSound] = useLocalStorage("sightline.alertSound", false, isBoolean);
  const [said, setSaid] = useState("");
  const arrivals = useRef<Arrivals>(undefined);
  const waiting = useRef<AlertOut[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  function tell() {
    timer.current = undefined;
    const came = waiting.current;
    waiting.current = [];
    const [first] = came;
    if (!first) return;
    setSaid(
      came.length > 1
        ? t("announce.many", { count: came.length })
        : t("announce.one", {
            severity: t(`kit:severity.${first.severity}`),
            name: first.subject_name ?? t("common:unknownPerson"),
            camera: first.camera_name,
          }),
    );
    if (hasSound) playAlertSound();
  }

  useTopic("alerts", (record) => {
    arrivals.current ??= new Arrivals();
    if (!arrivals.current.isNew(record)) return;
    waiting.current.push(record);
    timer.current ??= setTimeout(tell, TOGETHER_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const Icon = hasSound ? Bell : BellOff;
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {said}
      </div>
      <Tooltip>
        <TooltipTrigger asChild>
          <Button
            variant="ghost"
            size="icon"
            aria-pressed={hasSound}
            aria-label={t("sound.label")}
            onClick={() => {
              setSound(!hasSound);
              if (!hasSound) playAlertSound();
            }}
          >
            <Icon aria-hidden />
          </Button>
        </TooltipTrigger>
        <TooltipContent>{t(hasSound ? "sound.on" : "sound.off")}</TooltipContent>
      </Tooltip>
    </>
  );
}
