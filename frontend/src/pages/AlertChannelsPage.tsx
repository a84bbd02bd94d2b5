import { useState } from "react";
import { Plus, Send } from "lucide-react";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { ChannelOut } from "@/client/types.gen";
import { AlertsTabs } from "@/components/alerts-tabs";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useDeleteChannel } from "@/features/alert-rules/api/use-channel-changes";
import { useChannels } from "@/features/alert-rules/api/use-channels";
import { ChannelSheet } from "@/features/alert-rules/components/channel-sheet";
import { ChannelsList, type ChannelAction } from "@/features/alert-rules/components/channels-list";
import { DeliveriesSheet } from "@/features/alert-rules/components/deliveries-sheet";
import { Policies } from "@/features/alert-rules/components/policies";
import { ThisBrowser } from "@/features/alert-rules/components/this-browser";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";

const tabs = z.enum(["channels", "escalation", "browser"]);
const address = z.object({ tab: tabs.optional(), edit: z.string().default("") });

export function Component() {
  const { t } = useTranslation("channels");
  const mayManage = useAuth().hasPermission("manage_channels");
  const [{ tab, edit }, setAddress] = useUrlState(address);
  const first = mayManage ? "channels" : "browser";
  const shown = tab === "channels" && !mayManage ? first : (tab ?? first);
  return (
    <div className="grid gap-4">
      <PageHeader
        title={t("title")}
        description={t("description")}
        actions={
          mayManage &&
          shown === "channels" && (
            <Button onClick={() => setAddress({ edit: "new" })}>
              <Plus aria-hidden />
              {t("add")}
            </Button>
          )
        }
      >
        <AlertsTabs />
      </PageHeader>
      <Tabs value={shown} onValueChange={(chosen) => setAddress({ tab: tabs.parse(chosen) })}>
        <TabsList>
          {mayManage && <TabsTrigger value="channels">{t("channels")}</TabsTrigger>}
          <TabsTrigger value="escalation">{t("policies")}</TabsTrigger>
          <TabsTrigger value="browser">{t("browser.tab")}</TabsTrigger>
        </TabsList>
        {mayManage && (
          <TabsContent value="channels">
            <Channels onEdit={(id) => setAddress({ edit: id })} />
          </TabsContent>
        )}
        <TabsContent value="escalation">
          <Policies />
        </TabsContent>
        <TabsContent value="browser" className="max-w-2xl">
          <ThisBrowser />
        </TabsContent>
      </Tabs>
      {mayManage && edit && <ChannelSheet key={edit} channelId={edit} onClose={() => setAddress({ edit: "" })} />}
    </div>
  );
}

function Channels({ onEdit }: { onEdit: (id: string) => void }) {
  const { t } = useTranslation("channels");
  const channels = useChannels();
  const remove = useDeleteChannel();
  const [chosen, setChosen] = useState<{ action: ChannelAction; channel: ChannelOut } | null>(null);
  const close = () => setChosen(null);
  return (
    <>
      <QueryView
        query={channels}
        skeleton={<Skeleton className="h-60 rounded-lg" />}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState
            icon={Send}
            title={t("none")}
            description={t("noneHint")}
            action={<Button onClick={() => onEdit("new")}>{t("add")}</Button>}
          />
        }
      >
        {({ items }) => (
          <ChannelsList
            channels={items}
            onAction={(action, channel) => (action === "edit" ? onEdit(channel.id) : setChosen({ action, channel }))}
          />
        )}
      </QueryView>
      {chosen?.action === "deliveries" && <DeliveriesSheet channel={chosen.channel} onClose={close} />}
      {chosen?.action === "delete" && (
        <ConfirmDialog
          open
          onOpenChange={(isOpen) => !isOpen && close()}
          title={t("deleteTitle", { name: chosen.channel.name })}
          description={t("deleteHint")}
          confirmLabel={t("common:delete")}
          destructive
          onConfirm={() => remove.mutateAsync(chosen.channel.id)}
        />
      )}
    </>
  );
}
