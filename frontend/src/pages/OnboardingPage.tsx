import { useTranslation } from "react-i18next";

import { PageHeader } from "@/components/page-header";
import { FirstSteps } from "@/features/onboarding/components/first-steps";

export function Component() {
  const { t } = useTranslation("onboarding");
  return (
    <div className="mx-auto grid max-w-2xl grid-cols-1 gap-4">
      <PageHeader title={t("title")} description={t("hint")} />
      <FirstSteps />
    </div>
  );
}
