import { useState } from "react";
import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { CameraDetailOut, CameraIn } from "@/client/types.gen";
import { PolygonEditor, type Polygon } from "@/components/polygon-editor";
import { QueryView } from "@/components/query-view";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/ui/form";
import { Skeleton } from "@/components/ui/skeleton";
import { useFrame } from "@/hooks/use-frame";
import { isApiError } from "@/lib/errors";
import type { Tagged } from "@/lib/etag";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { useCameraToEdit } from "../api/use-camera";
import { useUpdateCamera } from "../api/use-update-camera";
import { cameraOf, cameraSchema, valuesOf, type CameraValues } from "../lib/form";
import { AddressFields, PlaceFields } from "./camera-fields";
import { ControlFields } from "./control-fields";
import { FalseAlarms } from "./false-alarms";

type Corners = NonNullable<NonNullable<CameraIn["config"]>["interest"]>;
const corners = (areas: readonly Polygon[]): Corners =>
  areas.map((area) => area.map(([x, y]): [number, number] => [x, y]));

export function CameraConfiguration({ cameraId }: { cameraId: string }) {
  const camera = useCameraToEdit(cameraId);
  const [version, setVersion] = useState(0);
  return (
    <QueryView query={camera} skeleton={<Skeleton className="h-[40rem] w-full" />}>
      {(found) => (
        <Configuration
          key={version}
          tagged={found}
          reload={async () => (await camera.refetch()).data?.etag ?? "*"}
          onDiscard={() => setVersion((old) => old + 1)}
        />
      )}
    </QueryView>
  );
}

interface Props {
  tagged: Tagged<CameraDetailOut>;
  /** Read again what is there now; its ETag. */
  reload: () => Promise<string>;
  /** Begin again with what is there now. */
  onDiscard: () => void;
}

function Configuration({ tagged: { data: camera, etag: first }, reload, onDiscard }: Props) {
  const { t } = useTranslation("cameras");
  const update = useUpdateCamera(camera.id);
  const [etag, setEtag] = useState(first);
  const [isOvertaken, setOvertaken] = useState(false);
  const [interest, setInterest] = useState<readonly Polygon[]>(camera.config.interest ?? []);
  const [privacy, setPrivacy] = useState<readonly Polygon[]>(camera.config.privacy ?? []);
  const frame = useFrame(camera.id);
  const form = useForm<CameraValues>({ resolver: zodResolver(cameraSchema), defaultValues: valuesOf(camera) });

  async function submit(values: CameraValues) {
    const config = { ...camera.config, interest: corners(interest), privacy: corners(privacy) };
    try {
      await update.mutateAsync({ etag, body: cameraOf(values, config) });
      setEtag(await reload());
      setOvertaken(false);
      form.resetField("username");
      form.resetField("password");
      toast.success(t("common:saved"));
    } catch (error) {
      if (isApiError(error, "precondition_failed")) {
        setEtag(await reload()); // what was typed stays; saving again writes over what somebody else changed
        setOvertaken(true);
      } else if (!applyFieldErrors(form, error)) toastError(error);
    }
  }

  return (
    <Form {...form}>
      <form onSubmit={form.handleSubmit(submit)} className="grid grid-cols-1 gap-6 xl:grid-cols-2" noValidate>
        <div className="grid grid-cols-1 content-start gap-4">
          <PlaceFields form={form} />
          <AddressFields form={form} keepsLogin={camera.has_credentials} />
          <ControlFields form={form} isMasked={privacy.length > 0} />
          <FalseAlarms cameraId={camera.id} />
        </div>
        <div className="grid grid-cols-1 content-start gap-6">
          <section className="grid grid-cols-1 gap-2">
            <h2 className="font-semibold">{t("areas.interest")}</h2>
            <p className="text-muted-foreground">{t("areas.interestHint")}</p>
            <PolygonEditor
              tone="region"
              label={t("areas.interest")}
              src={frame.src}
              isMissing={frame.isMissing}
              onRenew={frame.again}
              areas={interest}
              onChange={setInterest}
            />
          </section>
          <section className="grid grid-cols-1 gap-2">
            <h2 className="font-semibold">{t("areas.privacy")}</h2>
            <p className="text-muted-foreground">{t("areas.privacyHint")}</p>
            <PolygonEditor
              tone="mask"
              label={t("areas.privacy")}
              src={frame.src}
              isMissing={frame.isMissing}
              onRenew={frame.again}
              areas={privacy}
              onChange={setPrivacy}
            />
          </section>
        </div>
        <div className="sticky bottom-0 flex flex-wrap items-center justify-end gap-3 border-t bg-background py-3 xl:col-span-2">
          {isOvertaken && (
            <p role="alert" className="flex flex-1 flex-wrap items-center gap-2 text-warning">
              {t("form.overtaken")}
              <Button size="sm" variant="outline" onClick={onDiscard}>
                {t("form.showTheirs")}
              </Button>
            </p>
          )}
          <Button type="submit" loading={form.formState.isSubmitting}>
            {t("common:save")}
          </Button>
        </div>
      </form>
    </Form>
  );
}
