import { ListTree, Send } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Can } from "@/components/can";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";

import { NewAlerts, useTitleBadge } from "./new-alerts";

/** The page's name, the sound, and the ways to what raises and sends alerts. */
export function TriageHeader() {
  const { t } = useTranslation("alerts");
  return (
    <>
      <PageHeader
        title={t("title")}
        actions={
          <>
            <NewAlerts />
            <Can permission="read_alert_rules">
              <Button asChild variant="outline">
                <Link to="/alerts/rules">
                  <ListTree aria-hidden />
                  {t("rules")}
                </Link>
              </Button>
            </Can>
            <Can permission="manage_channels">
              <Button asChild variant="outline">
                <Link to="/alerts/channels">
                  <Send aria-hidden />
                  {t("channels")}
                </Link>
              </Button>
            </Can>
          </>
        }
      />
      <TitleBadge title={t("title")} />
    </>
  );
}

function TitleBadge({ title }: { title: string }) {
  useTitleBadge(title);
  return null;
}
