import { useState } from "react";
import { EllipsisVertical, History, Image, Pause, Pencil, Play, Send, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { ChannelOut } from "@/client/types.gen";
import { StatusDot } from "@/components/status-dot";
import { TimeAgo } from "@/components/time-ago";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { formatDateTime, formatNumber } from "@/lib/format";
import { toastError } from "@/lib/toast";

import { usePauseChannel, useTestChannel } from "../api/use-channel-changes";
import { stateOf, TONES } from "../lib/channel-state";
import { TestAnswer, type Answer } from "./test-answer";

export type ChannelAction = "edit" | "delete" | "deliveries";

interface Props {
  channels: ChannelOut[];
  onAction: (action: ChannelAction, channel: ChannelOut) => void;
}

export function ChannelsList({ channels, onAction }: Props) {
  const { t } = useTranslation("channels");
  return (
    <ul aria-label={t("title")} className="divide-y rounded-lg border bg-card">
      {channels.map((channel) => (
        <ChannelRow key={channel.id} channel={channel} onAction={(action) => onAction(action, channel)} />
      ))}
    </ul>
  );
}

interface RowProps {
  channel: ChannelOut;
  onAction: (action: ChannelAction) => void;
}

function ChannelRow({ channel, onAction }: RowProps) {
  const { t } = useTranslation(["channels", "rules"]);
  const test = useTestChannel();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const state = stateOf(channel);
  const { health } = channel;
  const run = async () => {
    setAnswer(null);
    try {
      setAnswer({ result: await test.mutateAsync(channel.id) });
    } catch (error) {
      setAnswer({ error });
    }
  };
  return (
    <li className="grid gap-2 px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="grid min-w-0 flex-1 basis-56 gap-1">
          <div className="flex flex-wrap items-center gap-2">
            <button
              type="button"
              className="max-w-full truncate rounded-sm text-start font-medium hover:underline"
              title={channel.name}
              onClick={() => onAction("edit")}
            >
              <bdi>{channel.name}</bdi>
            </button>
            <Badge variant="outline">{t(`rules:kind.${channel.kind}`)}</Badge>
            {channel.include_pictures && (
              <Badge variant="warning">
                <Image aria-hidden />
                {t("pictures")}
              </Badge>
            )}
          </div>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted-foreground">
            <StatusDot tone={TONES[state]} label={t(`state.${state}`)} />
            {state === "broken" && health.open_until && (
              <span>{t("openUntil", { time: formatDateTime(health.open_until) })}</span>
            )}
            {health.failures > 0 && <span>{t("failures", { count: health.failures })}</span>}
            {health.waiting > 0 && <span>{t("waiting", { count: health.waiting })}</span>}
            {health.last_delivered_at && (
              <span>
                {t("lastDelivered")} <TimeAgo value={health.last_delivered_at} />
              </span>
            )}
            <span>{t("rate", { number: formatNumber(channel.rate_per_minute) })}</span>
          </div>
          {health.last_error && state !== "works" && (
            <p className="text-xs text-warning" dir="auto">
              {health.last_error}
            </p>
          )}
        </div>
        <div className="flex items-center gap-1">
          <Button variant="outline" size="sm" loading={test.isPending} onClick={() => void run()}>
            <Send aria-hidden className="rtl:-scale-x-100" />
            {t("test")}
          </Button>
          <Button variant="ghost" size="sm" onClick={() => onAction("deliveries")}>
            <History aria-hidden />
            {t("deliveries")}
          </Button>
          <ChannelMenu channel={channel} onAction={onAction} />
        </div>
      </div>
      <div aria-live="polite">{answer && <TestAnswer answer={answer} />}</div>
    </li>
  );
}

function ChannelMenu({ channel, onAction }: RowProps) {
  const { t } = useTranslation("channels");
  const pause = usePauseChannel();
  const isPaused = channel.paused_at !== null;
  const act = () => pause.mutate({ channelId: channel.id, isPaused: !isPaused }, { onError: toastError });
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label={t("actionsOf", { name: channel.name })}>
          <EllipsisVertical aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => onAction("edit")}>
          <Pencil aria-hidden />
          {t("common:edit")}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={act}>
          {isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {t(isPaused ? "resume" : "pause")}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem className="text-destructive" onSelect={() => onAction("delete")}>
          <Trash2 aria-hidden />
          {t("common:delete")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
