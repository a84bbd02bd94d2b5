import { Fragment, useEffect, useEffectEvent, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type { RetentionPreviewOut, SettingsOut } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { LeaveGuard } from "@/components/leave-guard";
import { Timestamp } from "@/components/timestamp";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/ui/form";
import { useAuth } from "@/hooks/use-auth";
import { ApiError } from "@/lib/errors";
import { applyFieldErrors } from "@/lib/form-errors";
import { toast, toastError } from "@/lib/toast";

import { readRetentionPreview, useResetSection, useSaveSection } from "../api/use-settings";
import { FIELDS, schemas, valuesOf, type SectionName, type Values } from "../lib/sections";
import { FalseAlarms } from "./false-alarms";
import { RetentionPreview } from "./retention-preview";
import { SettingField } from "./setting-field";

export function SectionForm({ name, settings }: { name: SectionName; settings: SettingsOut }) {
  const { t } = useTranslation("settings");
  const section = settings[name];
  const mayChange = useAuth().hasPermission("manage_settings");
  const form = useForm<Values>({ defaultValues: valuesOf(section.value) });
  const [etag, setEtag] = useState(section.etag);
  const [isOutdated, setOutdated] = useState(false);
  const [resetting, setResetting] = useState<{ found: RetentionPreviewOut | null } | null>(null);
  const [removal, setRemoval] = useState<{ values: Values; found: RetentionPreviewOut } | null>(null);
  const save = useSaveSection(name);
  const reset = useResetSection(name);
  const defaults = valuesOf(section.default);
  const isDirty = form.formState.isDirty;

  // Somebody else changed it while nothing is typed here: show theirs.
  const theirs = etag !== section.etag && !isDirty && !save.isPending;
  const take = useEffectEvent(takeTheirs);
  useEffect(() => {
    if (theirs) take();
  }, [theirs]);

  async function store(values: Values) {
    const { response } = await save.mutateAsync({ values, etag });
    setEtag(response.headers.get("ETag") ?? "*");
    setOutdated(false);
    form.reset(values);
    toast.success(t("common:saved"));
  }

  function fail(error: unknown) {
    if (error instanceof ApiError && error.status === 412) setOutdated(true);
    else if (!applyFieldErrors(form, error)) toastError(error);
  }

  async function submit(values: Values) {
    const checked = schemas[name].safeParse(values);
    for (const { path, message } of checked.error?.issues ?? []) form.setError(String(path[0]), { message });
    if (!checked.success) return;
    try {
      if (name === "retention") setRemoval({ values, found: await readRetentionPreview(values) });
      else await store(values);
    } catch (error) {
      fail(error);
    }
  }

  /** What the defaults would delete is said before. */
  async function askForReset() {
    try {
      setResetting({ found: name === "retention" ? await readRetentionPreview(defaults) : null });
    } catch (error) {
      toastError(error);
    }
  }

  function takeTheirs() {
    form.reset(valuesOf(section.value));
    setEtag(section.etag);
    setOutdated(false);
  }

  return (
    <Form {...form}>
      <LeaveGuard isDirty={isDirty} />
      <form onSubmit={form.handleSubmit(submit)} className="grid gap-5" noValidate>
        <div>
          <h2 className="text-base font-semibold">{t(`nav.${name}`)}</h2>
          <p className="text-muted-foreground">
            {section.updated_at ? (
              <>
                {t("changedBy", { name: section.updated_by_name ?? t("somebody") })}{" "}
                <Timestamp value={section.updated_at} />
              </>
            ) : (
              t("unchanged")
            )}
          </p>
        </div>
        {isOutdated && (
          <Alert variant="warning" role="alert">
            <AlertTitle>{t("outdated.title")}</AlertTitle>
            <AlertDescription className="grid justify-items-start gap-2">
              {t("outdated.hint")}
              <span className="flex flex-wrap gap-2">
                <Button size="sm" variant="outline" onClick={takeTheirs}>
                  {t("outdated.theirs")}
                </Button>
                <Button
                  size="sm"
                  variant="outline"
                  onClick={() => {
                    setEtag(section.etag);
                    setOutdated(false);
                  }}
                >
                  {t("outdated.mine")}
                </Button>
              </span>
            </AlertDescription>
          </Alert>
        )}
        {FIELDS[name].map((field) => (
          <Fragment key={field.name}>
            <SettingField
              form={form}
              section={name}
              field={field}
              byDefault={defaults[field.name]}
              disabled={!mayChange}
            />
            {field.name === "min_similarity" && <FalseAlarms form={form} />}
          </Fragment>
        ))}
        {mayChange && (
          <div className="flex flex-wrap gap-2">
            <Button type="submit" loading={form.formState.isSubmitting} disabled={!isDirty || isOutdated}>
              {t("common:save")}
            </Button>
            {isDirty && (
              <Button variant="outline" onClick={takeTheirs}>
                {t("discard")}
              </Button>
            )}
            {section.source === "changed" && (
              <Button variant="ghost" onClick={() => void askForReset()}>
                {t("reset.do")}
              </Button>
            )}
          </div>
        )}
      </form>
      {resetting && (
        <ConfirmDialog
          open
          onOpenChange={(isOpen) => !isOpen && setResetting(null)}
          title={t("reset.title", { section: t(`nav.${name}`) })}
          description={
            <div className="grid gap-2">
              <p>{t("reset.hint")}</p>
              {resetting.found && <RetentionPreview found={resetting.found} />}
            </div>
          }
          confirmLabel={t("reset.do")}
          destructive
          onConfirm={async () => {
            await reset.mutateAsync(section.etag);
            form.reset(valuesOf(section.default));
          }}
        />
      )}
      {removal && (
        <ConfirmDialog
          open
          onOpenChange={(isOpen) => !isOpen && setRemoval(null)}
          title={t("removal.title")}
          description={<RetentionPreview found={removal.found} />}
          confirmLabel={t("removal.confirm")}
          destructive
          onConfirm={() =>
            store(removal.values).catch((error: unknown) => {
              if (error instanceof ApiError && error.status === 412) setOutdated(true);
              throw error;
            })
          }
        />
      )}
    </Form>
  );
}
