import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes } from "react-router";

import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { AuditPanel } from "@/features/audit/components/audit-panel";
import { ErasuresPanel } from "@/features/audit/components/erasures-panel";
import { useSettings } from "@/features/settings/api/use-settings";
import { JobsPanel } from "@/features/settings/components/jobs-panel";
import { KeysPanel } from "@/features/settings/components/keys-panel";
import { ModelsPanel } from "@/features/settings/components/models-panel";
import { SectionForm } from "@/features/settings/components/section-form";
import { SettingsNav, useParts } from "@/features/settings/components/settings-nav";
import { SystemPanel } from "@/features/settings/components/system-panel";
import { SECTIONS, type SectionName } from "@/features/settings/lib/sections";

const PANELS = {
  models: ModelsPanel,
  system: SystemPanel,
  audit: AuditPanel,
  erasures: ErasuresPanel,
  keys: KeysPanel,
  jobs: JobsPanel,
};

export function Component() {
  const { t } = useTranslation("settings");
  const parts = useParts();
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHeader title={t("title")} />
      <div className="flex flex-col gap-4 lg:flex-row lg:gap-8">
        <SettingsNav />
        <div className="min-w-0 flex-1">
          <Routes>
            {SECTIONS.filter((name) => parts.includes(name)).map((name) => (
              <Route key={name} path={name} element={<Section key={name} name={name} />} />
            ))}
            {Object.entries(PANELS)
              .filter(([name]) => parts.includes(name))
              .map(([name, Panel]) => (
                <Route key={name} path={name} element={<Panel />} />
              ))}
            <Route path="*" element={<Navigate to={`/settings/${parts[0] ?? "keys"}`} replace />} />
          </Routes>
        </div>
      </div>
    </div>
  );
}

function Section({ name }: { name: SectionName }) {
  return (
    <QueryView query={useSettings()} skeleton={<Skeleton className="h-96 max-w-xl" />}>
      {(settings) => <SectionForm name={name} settings={settings} />}
    </QueryView>
  );
}
