import { useTranslation } from "react-i18next";

import { Combobox } from "@/components/combobox";
import { DateRangePicker } from "@/components/date-range-picker";
import { PageHeader } from "@/components/page-header";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useCameraNames } from "@/features/analytics/api/use-camera-names";
import { AccuracyTab } from "@/features/analytics/components/accuracy-tab";
import { CamerasTab } from "@/features/analytics/components/cameras-tab";
import { HeatmapTab } from "@/features/analytics/components/heatmap-tab";
import { ReportsTab } from "@/features/analytics/components/reports-tab";
import { SubjectTab } from "@/features/analytics/components/subject-tab";
import { TrendsTab } from "@/features/analytics/components/trends-tab";
import { analyticsAddress, TABS } from "@/features/analytics/lib/address";
import { useSpan } from "@/features/analytics/lib/use-span";
import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";

const VIEWS = {
  trends: TrendsTab,
  heatmap: HeatmapTab,
  cameras: CamerasTab,
  subject: SubjectTab,
  accuracy: AccuracyTab,
  reports: ReportsTab,
} as const;
/** What a tab needs beyond reading numbers. */
const NEEDS: Partial<Record<(typeof TABS)[number], string>> = {
  subject: "read_subjects",
  accuracy: "read_sightings",
  reports: "create_reports",
};

export function Component() {
  const { t } = useTranslation("analytics");
  const { hasPermission } = useAuth();
  const [{ tab }, setAddress] = useUrlState(analyticsAddress);
  const { range, setRange } = useSpan();
  const shown = TABS.filter((one) => hasPermission(NEEDS[one] ?? "read_analytics"));
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHeader
        title={t("title")}
        actions={
          <>
            {(tab === "trends" || tab === "heatmap") && <CameraChoice />}
            <DateRangePicker required value={range} onChange={setRange} />
          </>
        }
      />
      <Tabs value={tab} onValueChange={(chosen) => setAddress({ tab: analyticsAddress.shape.tab.parse(chosen) })}>
        <TabsList className="max-w-full overflow-x-auto">
          {shown.map((one) => (
            <TabsTrigger key={one} value={one}>
              {t(`tabs.${one}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        {shown.map((one) => {
          const View = VIEWS[one];
          return (
            <TabsContent key={one} value={one} className="grid grid-cols-1 gap-3 pt-3">
              <View />
            </TabsContent>
          );
        })}
      </Tabs>
    </div>
  );
}

function CameraChoice() {
  const { t } = useTranslation("analytics");
  const [{ camera }, setAddress] = useUrlState(analyticsAddress);
  const names = useCameraNames();
  return (
    <Combobox
      multiple
      className="w-56"
      aria-label={t("allCameras")}
      placeholder={t("allCameras")}
      value={camera}
      onChange={(chosen) => setAddress({ camera: chosen })}
      options={[...names].map(([value, label]) => ({ value, label }))}
    />
  );
}
