import { AlertTriage } from "@/features/alerts/components/alert-triage";

export function Component() {
  return <AlertTriage />;
}
