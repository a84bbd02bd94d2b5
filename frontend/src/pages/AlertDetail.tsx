import { useParams } from "react-router";

import { SingleAlert } from "@/features/alerts/components/single-alert";

export function Component() {
  const { alertId = "" } = useParams();
  return <SingleAlert key={alertId} alertId={alertId} />;
}
