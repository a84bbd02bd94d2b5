import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { getSettingsOptions, getSystemInformationOptions } from "@/client/@tanstack/react-query.gen";
import {
  previewRetention,
  resetSettingsSection,
  updateAlertSettings,
  updateCameraSettings,
  updateGeneralSettings,
  updatePrivacySettings,
  updateRecognitionSettings,
  updateRetentionSettings,
} from "@/client/sdk.gen";
import { ifMatch } from "@/lib/etag";
import { invalidate } from "@/lib/query";

import { schemas, type SectionName, type Values } from "../lib/sections";

export function useSettings() {
  return useQuery(getSettingsOptions());
}

export function useSystemInformation() {
  return useQuery({ ...getSystemInformationOptions(), staleTime: 10_000 });
}

async function save(section: SectionName, values: Values, etag: string) {
  const headers = ifMatch(etag);
  if (section === "general") return updateGeneralSettings({ body: schemas.general.parse(values), headers });
  if (section === "cameras") return updateCameraSettings({ body: schemas.cameras.parse(values), headers });
  if (section === "recognition") return updateRecognitionSettings({ body: schemas.recognition.parse(values), headers });
  if (section === "alerts") return updateAlertSettings({ body: schemas.alerts.parse(values), headers });
  if (section === "retention") return updateRetentionSettings({ body: schemas.retention.parse(values), headers });
  return updatePrivacySettings({ body: schemas.privacy.parse(values), headers });
}

export function useSaveSection(section: SectionName) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ values, etag }: { values: Values; etag: string }) => save(section, values, etag),
    onSettled: () => invalidate(cache, "getSettings"),
  });
}

export function useResetSection(section: SectionName) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (etag: string) => resetSettingsSection({ path: { section }, headers: ifMatch(etag) }),
    onSettled: () => invalidate(cache, "getSettings"),
  });
}

/** What a retention would remove now. */
export async function readRetentionPreview(values: Values) {
  return (await previewRetention({ body: schemas.retention.parse(values) })).data;
}
