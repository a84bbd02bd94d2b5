import { useState } from "react";
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { ChannelOut, DeliveryOut, DeliveryStatus } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { StatusDot, type Tone } from "@/components/status-dot";
import { Timestamp } from "@/components/timestamp";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Sheet, SheetContent, SheetDescription, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { formatDuration } from "@/lib/format";
import { toast, toastError } from "@/lib/toast";

import { useReplayDelivery } from "../api/use-channel-changes";
import { useDeliveries } from "../api/use-deliveries";
import { Choice } from "./choice";

const STATUSES = ["held", "pending", "delivered", "failed", "cancelled"] as const;
const TONES: Record<DeliveryStatus, Tone> = {
  held: "info",
  pending: "warning",
  delivered: "success",
  failed: "danger",
  cancelled: "neutral",
};

/** What was told on a channel, each attempt with its answer. */
export function DeliveriesSheet({ channel, onClose }: { channel: ChannelOut; onClose: () => void }) {
  const { t } = useTranslation("channels");
  const [status, setStatus] = useState<DeliveryStatus | "all">("all");
  const deliveries = useDeliveries(channel.id, status === "all" ? null : status);
  const items = deliveries.data?.pages.flatMap((page) => page.items);
  const options = [
    { value: "all" as const, label: t("common:all") },
    ...STATUSES.map((one) => ({ value: one, label: t(`delivery.${one}`) })),
  ];
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent className="sm:max-w-xl">
        <SheetHeader>
          <SheetTitle>{t("deliveriesOf", { name: channel.name })}</SheetTitle>
          <SheetDescription>{t("deliveriesHint")}</SheetDescription>
        </SheetHeader>
        <Choice
          aria-label={t("deliveryStatus")}
          value={status}
          onChange={setStatus}
          options={options}
          className="w-44"
        />
        <QueryView
          query={{ ...deliveries, data: items }}
          skeleton={<Skeleton className="h-72" />}
          isEmpty={(found) => found.length === 0}
          empty={<p className="py-8 text-center text-muted-foreground">{t("noDeliveries")}</p>}
        >
          {(found) => (
            <ul className="divide-y rounded-lg border">
              {found.map((delivery) => (
                <Delivery key={delivery.id} delivery={delivery} />
              ))}
            </ul>
          )}
        </QueryView>
        {deliveries.hasNextPage && (
          <Button
            variant="outline"
            loading={deliveries.isFetchingNextPage}
            onClick={() => void deliveries.fetchNextPage()}
          >
            {t("kit:more")}
          </Button>
        )}
      </SheetContent>
    </Sheet>
  );
}

function Delivery({ delivery }: { delivery: DeliveryOut }) {
  const { t } = useTranslation("channels");
  const replay = useReplayDelivery();
  // A test is made anew by its button: the server sends only what told of alerts again.
  const mayReplay = !delivery.is_test && (delivery.status === "delivered" || delivery.status === "failed");
  const again = () =>
    replay.mutate(
      { channelId: delivery.channel_id, deliveryId: delivery.id },
      { onError: toastError, onSuccess: () => toast.success(t("replayed")) },
    );
  return (
    <li className="grid gap-1.5 px-3 py-2.5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <StatusDot tone={TONES[delivery.status]} label={t(`delivery.${delivery.status}`)} />
          {delivery.is_test && <Badge>{t("isTest")}</Badge>}
          {delivery.level > 0 && <Badge variant="warning">{t("level", { number: delivery.level })}</Badge>}
          <Timestamp value={delivery.created_at} className="text-xs text-muted-foreground" />
        </div>
        <div className="flex items-center gap-1">
          {delivery.alert_id && (
            <Button asChild variant="link" size="sm">
              <Link to={`/alerts/${delivery.alert_id}`}>{t("toAlert")}</Link>
            </Button>
          )}
          {mayReplay && (
            <Button variant="ghost" size="sm" loading={replay.isPending} onClick={again}>
              <RotateCcw aria-hidden />
              {t("replay")}
            </Button>
          )}
        </div>
      </div>
      {delivery.next_attempt_at && (
        <p className="text-xs text-muted-foreground">
          {t("nextAttempt")} <Timestamp value={delivery.next_attempt_at} seconds />
        </p>
      )}
      <ol aria-label={t("attempts")} className="grid gap-0.5 text-xs">
        {delivery.log.map((attempt) => (
          <li key={`${attempt.attempt} ${attempt.started_at}`} className="flex flex-wrap gap-x-2 text-muted-foreground">
            <span className={attempt.outcome === "delivered" ? "text-success" : "text-destructive"}>
              {t(`outcome.${attempt.outcome}`)}
            </span>
            <Timestamp value={attempt.started_at} format="time" seconds />
            <span className="tabular-nums">{formatDuration(attempt.duration_ms / 1000)}</span>
            <span dir="auto" className="min-w-0 break-words">
              {attempt.detail}
            </span>
          </li>
        ))}
      </ol>
    </li>
  );
}
