import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { z } from "zod";

import { PageHeader } from "@/components/page-header";
import { QueryView } from "@/components/query-view";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useSubject } from "@/features/subjects/api/use-subject";
import { SubjectActions } from "@/features/subjects/components/subject-actions";
import { SubjectHeader } from "@/features/subjects/components/subject-header";
import { SubjectImages } from "@/features/subjects/components/subject-images";
import { SubjectTimeline } from "@/features/subjects/components/subject-timeline";
import { useUrlState } from "@/hooks/use-url-state";
import { DATE_PRESETS } from "@/lib/date-range";

const address = z.object({
  tab: z.enum(["pictures", "seen"]).default("pictures"),
  range: z.enum([...DATE_PRESETS, "any", "custom"]).default("week"),
  since: z.string().optional(),
  until: z.string().optional(),
});

export function Component() {
  const { t } = useTranslation("subjects");
  const { subjectId = "" } = useParams();
  const subject = useSubject(subjectId);
  const [{ tab, range, since, until }, setAddress] = useUrlState(address);
  const preset = DATE_PRESETS.find((one) => one === range);
  return (
    <QueryView query={subject} skeleton={<Skeleton className="h-80 w-full" />}>
      {(data) => (
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <PageHeader title={data.name} actions={<SubjectActions subject={data} />} />
          <SubjectHeader subject={data} onPictureFailed={() => void subject.refetch()} />
          <Tabs value={tab} onValueChange={(chosen) => setAddress({ tab: address.shape.tab.parse(chosen) })}>
            <TabsList>
              <TabsTrigger value="pictures">{t("pictures")}</TabsTrigger>
              <TabsTrigger value="seen">{t("seen.title")}</TabsTrigger>
            </TabsList>
            <TabsContent value="pictures" className="pt-2">
              <SubjectImages subject={data} />
            </TabsContent>
            <TabsContent value="seen" className="pt-2">
              <SubjectTimeline
                subjectId={data.id}
                range={preset ? { preset } : range === "custom" ? { since, until } : {}}
                onRange={(chosen) =>
                  setAddress({
                    range: chosen.preset ?? (chosen.since || chosen.until ? "custom" : "any"),
                    since: chosen.preset ? undefined : chosen.since,
                    until: chosen.preset ? undefined : chosen.until,
                  })
                }
              />
            </TabsContent>
          </Tabs>
        </div>
      )}
    </QueryView>
  );
}
