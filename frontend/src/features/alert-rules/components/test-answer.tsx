import { useTranslation } from "react-i18next";

import type { ChannelTestOut } from "@/client/types.gen";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { errorTexts } from "@/lib/toast";

export type Answer = { result: ChannelTestOut } | { error: unknown };

/** What the other side really said. */
export function TestAnswer({ answer }: { answer: Answer }) {
  const { t } = useTranslation("channels");
  if ("error" in answer) {
    const { title, description } = errorTexts(answer.error);
    return (
      <Alert variant="destructive">
        <AlertTitle>{title}</AlertTitle>
        <AlertDescription>{description}</AlertDescription>
      </Alert>
    );
  }
  const { delivered, detail } = answer.result;
  return (
    <Alert variant={delivered ? "success" : "destructive"}>
      <AlertTitle>{t(delivered ? "testDelivered" : "testFailed")}</AlertTitle>
      <AlertDescription dir="auto">{detail}</AlertDescription>
    </Alert>
  );
}
