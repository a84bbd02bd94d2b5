import { useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { ChannelKind, ChannelOut } from "@/client/types.gen";
import { QueryView } from "@/components/query-view";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Sheet, SheetContent, SheetDescription, SheetHeader, SheetTitle } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { isApiError } from "@/lib/errors";
import type { Tagged } from "@/lib/etag";
import { applyFieldErrors } from "@/lib/form-errors";
import { isLanguage } from "@/lib/i18n";
import { toast, toastError } from "@/lib/toast";

import { useCreateChannel, useReplaceChannel } from "../api/use-channel-changes";
import { readChannel, useChannel } from "../api/use-channels";
import { fieldNames } from "../lib/channel-formats";
import { channelOf, channelValues, KINDS, newChannel, type ChannelValues } from "../lib/channel-values";
import { ChannelForm } from "./channel-form";

/** channelId: "new", or which one to edit. */
export function ChannelSheet({ channelId, onClose }: { channelId: string; onClose: () => void }) {
  const { t } = useTranslation("channels");
  const isNew = channelId === "new";
  return (
    <Sheet open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <SheetContent className="sm:max-w-lg" aria-describedby={undefined}>
        <SheetHeader>
          <SheetTitle>{t(isNew ? "newChannel" : "editChannel")}</SheetTitle>
        </SheetHeader>
        {isNew ? <NewChannel onClose={onClose} /> : <KnownChannel channelId={channelId} onClose={onClose} />}
      </SheetContent>
    </Sheet>
  );
}

function NewChannel({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(["channels", "rules"]);
  const [kind, setKind] = useState<ChannelKind | null>(null);
  const create = useCreateChannel();
  if (!kind) {
    return (
      <div className="grid gap-2">
        <SheetDescription>{t("chooseKind")}</SheetDescription>
        {KINDS.map((one) => (
          <Button
            key={one}
            variant="outline"
            className="h-auto flex-col items-start gap-0.5 py-2 text-start whitespace-normal"
            onClick={() => setKind(one)}
          >
            <span>{t(`rules:kind.${one}`)}</span>
            <span className="text-xs font-normal text-muted-foreground">{t(`kindHint.${one}`)}</span>
          </Button>
        ))}
      </div>
    );
  }
  const save = async (values: ChannelValues, form: UseFormReturn<ChannelValues>) => {
    try {
      await create.mutateAsync(channelOf(values));
      toast.success(t("made"));
      onClose();
    } catch (error) {
      show(error, form);
    }
  };
  return (
    <>
      <SheetDescription>
        {t(`rules:kind.${kind}`)} · {t(`kindHint.${kind}`)}
      </SheetDescription>
      <ChannelForm
        initial={newChannel(kind, isLanguage(i18n.language) ? i18n.language : "en")}
        onSave={save}
        onCancel={() => setKind(null)}
      />
    </>
  );
}

/** Beside the field that the server means, else for all to see. */
function show(error: unknown, form: UseFormReturn<ChannelValues>): void {
  if (isApiError(error, "address_refused")) {
    const name = form.getValues("kind") === "mqtt" ? "host" : "url";
    form.setError(name, { type: "server", message: error.detail }, { shouldFocus: true });
    return;
  }
  const names = isApiError(error) ? fieldNames(error.errors.map(({ field }) => field)) : {};
  if (!applyFieldErrors(form, error, names)) toastError(error);
}

function KnownChannel({ channelId, onClose }: { channelId: string; onClose: () => void }) {
  const found = useChannel(channelId);
  return (
    <QueryView query={found} skeleton={<Skeleton className="h-96" />}>
      {(channel) => <EditChannel found={channel} onClose={onClose} />}
    </QueryView>
  );
}

function EditChannel({ found, onClose }: { found: Tagged<ChannelOut>; onClose: () => void }) {
  const { t } = useTranslation(["channels", "rules"]);
  const replace = useReplaceChannel();
  const [current, setCurrent] = useState(found);
  const [theirs, setTheirs] = useState<Tagged<ChannelOut> | null>(null);
  const save = async (values: ChannelValues, form: UseFormReturn<ChannelValues>) => {
    try {
      const etag = (theirs ?? current).etag;
      await replace.mutateAsync({ channelId: current.data.id, etag, body: channelOf(values) });
      toast.success(t("common:saved"));
      onClose();
    } catch (error) {
      if (isApiError(error, "precondition_failed")) setTheirs(await readChannel(current.data.id));
      else show(error, form);
    }
  };
  return (
    <>
      <SheetDescription>{t(`rules:kind.${current.data.kind}`)}</SheetDescription>
      {theirs && (
        <Alert variant="warning" role="alert">
          <AlertTitle>{t("rules:changed.title")}</AlertTitle>
          <AlertDescription className="grid gap-2">
            {t("rules:changed.hint")}
            <Button
              variant="outline"
              size="sm"
              className="w-fit"
              onClick={() => {
                setCurrent(theirs);
                setTheirs(null);
              }}
            >
              {t("rules:changed.reload")}
            </Button>
          </AlertDescription>
        </Alert>
      )}
      <ChannelForm
        key={current.etag}
        hasSecret={current.data.has_secret}
        initial={channelValues(current.data)}
        onSave={save}
        onCancel={onClose}
      />
    </>
  );
}
