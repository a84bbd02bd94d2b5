import { Rocket } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Button } from "@/components/ui/button";
import { useAuth } from "@/hooks/use-auth";

import { useFirstSteps } from "../api/use-first-steps";

/** Leads whoever sets the system up to what is missing still; nothing once somebody was recognised. */
export function OnboardingCard() {
  const { t } = useTranslation("onboarding");
  const { hasPermission } = useAuth();
  const { isPending, error, sightingId } = useFirstSteps();
  if (!hasPermission("manage_cameras") || isPending || error || sightingId) return null;
  return (
    <section className="flex flex-wrap items-center gap-3 rounded-lg border border-primary bg-card p-4">
      <Rocket className="size-5 shrink-0 text-primary" aria-hidden />
      <div className="min-w-0 flex-1">
        <h2 className="font-semibold">{t("title")}</h2>
        <p className="text-muted-foreground">{t("hint")}</p>
      </div>
      <Button asChild>
        <Link to="/onboarding">{t("open")}</Link>
      </Button>
    </section>
  );
}
