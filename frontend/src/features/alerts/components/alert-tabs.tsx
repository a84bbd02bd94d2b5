import { useTranslation } from "react-i18next";

import { Badge } from "@/components/ui/badge";
import { TabsList, TabsTrigger } from "@/components/ui/tabs";
import { formatNumber } from "@/lib/format";

import { MOST_COUNTED, type Counts } from "../api/use-alert-counts";
import { TABS } from "../lib/filters";

/** How far alerts have come, each with how many there are now. */
export function AlertTabs({ counts }: { counts: Counts }) {
  const { t } = useTranslation("alerts");
  return (
    <TabsList aria-label={t("tab.label")} className="w-fit max-w-full gap-0.5 rounded-md border bg-muted/60 p-0.5">
      {TABS.map((tab) => {
        const count = counts[tab];
        return (
          <TabsTrigger
            key={tab}
            value={tab}
            className="h-7 rounded-sm border-0 px-2.5 text-xs data-[state=active]:bg-card data-[state=active]:ring-1 data-[state=active]:ring-border dark:data-[state=active]:bg-accent"
          >
            {t(`tab.${tab}`)}
            <Badge
              variant={tab === "new" && count ? "destructive" : "secondary"}
              className="min-w-6 justify-center"
              aria-busy={count === undefined}
            >
              {count === undefined ? "–" : `${formatNumber(count)}${count >= MOST_COUNTED ? "+" : ""}`}
            </Badge>
          </TabsTrigger>
        );
      })}
    </TabsList>
  );
}
