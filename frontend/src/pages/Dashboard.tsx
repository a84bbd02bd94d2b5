import { useTranslation } from "react-i18next";

import { Can } from "@/components/can";
import { ErrorState } from "@/components/error-state";
import { PageHeader } from "@/components/page-header";
import { OnboardingCard } from "@/features/onboarding/components/onboarding-card";
import { useDashboardStats } from "@/features/dashboard/api/use-dashboard-stats";
import { Activity } from "@/features/dashboard/components/activity";
import { CameraOverview } from "@/features/dashboard/components/camera-overview";
import { JobProgress } from "@/features/dashboard/components/job-progress";
import { QuickActions } from "@/features/dashboard/components/quick-actions";
import { RecentAlerts } from "@/features/dashboard/components/recent-alerts";
import { RecentSightings } from "@/features/dashboard/components/recent-sightings";
import { Summary } from "@/features/dashboard/components/summary";
import { SystemLoad } from "@/features/dashboard/components/system-load";

export function Component() {
  const { t } = useTranslation("dashboard");
  const stats = useDashboardStats();
  return (
    <div className="grid grid-cols-1 content-start gap-4">
      <PageHeader title={t("title")} actions={<QuickActions />} />
      <OnboardingCard />
      {stats.isError && !stats.data ? (
        <ErrorState error={stats.error} onRetry={() => stats.refetch()} />
      ) : (
        <Summary stats={stats.data} />
      )}
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-3">
        <div className="grid min-w-0 grid-cols-1 content-start gap-4 xl:col-span-2">
          <Activity hours={stats.data?.hours} />
          <Can permission="read_sightings">
            <RecentSightings />
          </Can>
          <Can permission="own_jobs">
            <JobProgress />
          </Can>
        </div>
        <div className="grid min-w-0 grid-cols-1 content-start gap-4">
          <Can permission="read_alerts">
            <RecentAlerts />
          </Can>
          <Can permission="read_cameras">
            <CameraOverview stats={stats.data} />
          </Can>
          <Can permission="read_system">
            <SystemLoad minute={stats.data?.minutes.at(-1)?.minute} />
          </Can>
        </div>
      </div>
    </div>
  );
}
