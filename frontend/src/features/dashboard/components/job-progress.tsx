import { useTranslation } from "react-i18next";

import { JobRow } from "@/components/job-row";

import { useRecentJobs } from "../api/use-recent";
import { Section } from "./section";

/** Work in the background that this user may see; nothing where there is none. */
export function JobProgress() {
  const { t } = useTranslation("dashboard");
  const jobs = useRecentJobs();
  if (!jobs.data?.length) return null;
  return (
    <Section title={t("jobs.title")}>
      <ul className="divide-y">
        {jobs.data.map((job) => (
          <li key={job.id}>
            <JobRow job={job} title={t(`jobs.${job.kind}`)} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
