import { useState } from "react";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";

import type { CameraDetailOut } from "@/client/types.gen";
import { Can } from "@/components/can";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { LiveStream } from "@/components/live-stream";
import { PtzPad } from "@/components/live/ptz-pad";
import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useSwitchCamera } from "@/features/cameras/api/use-change-cameras";
import { useCamera } from "@/features/cameras/api/use-camera";
import { useDeleteCamera } from "@/features/cameras/api/use-delete-camera";
import { CameraConfiguration } from "@/features/cameras/components/camera-configuration";
import { CameraHealth } from "@/features/cameras/components/camera-health";
import { CameraSightings } from "@/features/cameras/components/camera-sightings";
import { CameraState } from "@/features/cameras/components/camera-state";
import { CameraStatistics } from "@/features/cameras/components/camera-statistics";
import { cameraAddress, CAMERA_TABS } from "@/features/cameras/lib/address";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";
import { toastError } from "@/lib/toast";

const NEEDS: Record<(typeof CAMERA_TABS)[number], string> = {
  live: "watch_live",
  configuration: "manage_cameras",
  statistics: "read_analytics",
  sightings: "read_sightings",
  health: "read_cameras",
};

export function Component() {
  const { cameraId = "" } = useParams();
  const camera = useCamera(cameraId);
  return (
    <QueryView query={camera} skeleton={<Skeleton className="h-[32rem] w-full" />}>
      {(found) => <Camera key={found.id} camera={found} />}
    </QueryView>
  );
}

function Camera({ camera }: { camera: CameraDetailOut }) {
  const { t } = useTranslation("cameras");
  const { hasPermission } = useAuth();
  const [{ tab }, setAddress] = useUrlState(cameraAddress);
  const shown = CAMERA_TABS.filter((one) => hasPermission(NEEDS[one]));
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHeader
        title={camera.name}
        description={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <CameraState camera={camera} />
            {camera.location && <bdi>{camera.location}</bdi>}
            {camera.resolution && <bdi dir="ltr">{camera.resolution}</bdi>}
            {camera.status_message && <span>{camera.status_message}</span>}
          </span>
        }
        actions={<Actions camera={camera} />}
      />
      <Tabs
        value={shown.includes(tab) ? tab : shown[0]}
        onValueChange={(chosen) => setAddress({ tab: cameraAddress.shape.tab.parse(chosen) })}
      >
        <TabsList className="max-w-full overflow-x-auto">
          {shown.map((one) => (
            <TabsTrigger key={one} value={one}>
              {t(`tabs.${one}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value="live" className="flex flex-wrap justify-center gap-4 pt-3">
          <LiveStream cameraId={camera.id} overlay className="w-full max-w-5xl min-w-72 flex-1 basis-xl" />
          {camera.is_movable && (
            <Can permission="move_cameras">
              <section className="w-64 self-start rounded-md border bg-card p-3">
                <h2 className="pb-3 font-semibold">{t("live:ptz.heading")}</h2>
                <PtzPad cameraId={camera.id} name={camera.name} />
              </section>
            </Can>
          )}
        </TabsContent>
        <TabsContent value="configuration" className="grid grid-cols-1 pt-3">
          <CameraConfiguration cameraId={camera.id} />
        </TabsContent>
        <TabsContent value="statistics" className="grid grid-cols-1 pt-3">
          <CameraStatistics cameraId={camera.id} />
        </TabsContent>
        <TabsContent value="sightings" className="grid grid-cols-1 pt-3">
          <CameraSightings cameraId={camera.id} />
        </TabsContent>
        <TabsContent value="health" className="grid grid-cols-1 pt-3">
          <CameraHealth camera={camera} />
        </TabsContent>
      </Tabs>
    </div>
  );
}

function Actions({ camera }: { camera: CameraDetailOut }) {
  const { t } = useTranslation("cameras");
  const navigate = useNavigate();
  const change = useSwitchCamera();
  const remove = useDeleteCamera();
  const [isRemoving, setRemoving] = useState(false);
  const isOn = camera.detection_enabled;
  return (
    <>
      <Can permission="operate_cameras">
        <Button
          variant="outline"
          loading={change.isPending}
          onClick={() => change.mutate({ cameraId: camera.id, isOn: !isOn }, { onError: toastError })}
        >
          {isOn ? t("disable") : t("enable")}
        </Button>
      </Can>
      <Can permission="manage_cameras">
        <Button variant="outline" onClick={() => setRemoving(true)}>
          <Trash2 aria-hidden />
          {t("remove")}
        </Button>
      </Can>
      <ConfirmDialog
        open={isRemoving}
        onOpenChange={setRemoving}
        title={t("removeTitle", { name: camera.name })}
        description={t("removeHint")}
        confirmLabel={t("remove")}
        destructive
        onConfirm={async () => {
          await remove.mutateAsync(camera.id);
          await navigate("/cameras", { replace: true });
        }}
      />
    </>
  );
}
