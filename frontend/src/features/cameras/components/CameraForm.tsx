import { zodResolver } from "@hookform/resolvers/zod";
import { TriangleAlert } from "lucide-react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { LeaveGuard } from "@/components/leave-guard";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Form } from "@/components/ui/form";
import { useUrlState } from "@/hooks/use-url-state";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { useCreateCamera } from "../api/use-create-camera";
import { useProbe } from "../api/use-probe";
import { camerasAddress } from "../lib/address";
import { cameraOf, cameraSchema, EMPTY, loginOf, type CameraValues } from "../lib/form";
import { AddressFields, PlaceFields } from "./camera-fields";
import { ProbeResult } from "./probe-result";

/** Another step of it, or the same list behind it. */
function isStillAdding({ pathname, search }: { pathname: string; search: string }): boolean {
  return pathname === "/cameras" && new URLSearchParams(search).get("dialog") === "add";
}

/** Add a camera: try its address, then say what it is. The step is part of the address, so the back button works. */
export function AddCamera({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("cameras");
  const [{ step }, setAddress] = useUrlState(camerasAddress);
  const navigate = useNavigate();
  const probe = useProbe();
  const create = useCreateCamera();
  const form = useForm<CameraValues>({ resolver: zodResolver(cameraSchema), defaultValues: EMPTY });
  const { isDirty, isSubmitting } = form.formState;

  async function tryAddress() {
    if (!(await form.trigger(["stream_url", "username", "password"]))) return;
    const values = form.getValues();
    probe.mutate(
      { stream_url: values.stream_url, ...loginOf(values), transport: values.transport, picture: true },
      {
        onError: (error) =>
          applyFieldErrors(form, error) || form.setError("stream_url", { type: "server", message: error.message }),
      },
    );
  }

  async function submit(values: CameraValues) {
    try {
      const made = await create.mutateAsync(cameraOf(values));
      toast.success(t("form.added", { name: made.name }));
      await navigate(`/cameras/${made.id}`, { replace: true });
    } catch (error) {
      if (applyFieldErrors(form, error)) setAddress({ step: form.formState.errors.stream_url ? "address" : step });
      else toastError(error);
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent className="max-h-[90dvh] overflow-y-auto">
        <DialogHeader>
          <DialogTitle>{t("add")}</DialogTitle>
          <DialogDescription>{t(`form.step.${step}`)}</DialogDescription>
        </DialogHeader>
        <LeaveGuard isDirty={isDirty && !isSubmitting} isKeptAt={isStillAdding} />
        <Form {...form}>
          <form onSubmit={form.handleSubmit(submit)} className="grid grid-cols-1 gap-4" noValidate>
            {step === "address" ? (
              <>
                <AddressFields form={form} />
                {probe.data && <ProbeResult probe={probe.data} />}
                {probe.data?.isTaken && (
                  <Alert role="status">
                    <TriangleAlert aria-hidden className="text-warning" />
                    <AlertTitle>{t("probe.taken")}</AlertTitle>
                    <AlertDescription>{t("probe.takenHint")}</AlertDescription>
                  </Alert>
                )}
                <DialogFooter>
                  <Button variant="outline" loading={probe.isPending} onClick={() => void tryAddress()}>
                    {t("probe.try")}
                  </Button>
                  <Button
                    onClick={() =>
                      void form.trigger("stream_url").then((isGood) => isGood && setAddress({ step: "details" }))
                    }
                  >
                    {probe.data?.reachable ? t("common:next") : t("probe.skip")}
                  </Button>
                </DialogFooter>
              </>
            ) : (
              <>
                <PlaceFields form={form} />
                <DialogFooter>
                  <Button variant="outline" onClick={() => setAddress({ step: "address" })}>
                    {t("common:back")}
                  </Button>
                  <Button type="submit" loading={isSubmitting}>
                    {t("add")}
                  </Button>
                </DialogFooter>
              </>
            )}
          </form>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
