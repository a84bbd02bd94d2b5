import type { AlertOut } from "@/client/types.gen";

const STEPS = ["new", "acknowledged", "resolved"];

interface Faster {
  key: string;
  values: { name: string };
}

/** Which text says who was faster, where the alert has gone on since it was read. Null: that was not the reason. */
export function whoWasFaster(fresh: AlertOut, old: AlertOut | undefined): Faster | null {
  if (old && STEPS.indexOf(fresh.status) <= STEPS.indexOf(old.status)) return null;
  if (fresh.status === "resolved") return told("resolved", fresh.resolved_by_name);
  if (fresh.status === "acknowledged") return told("acknowledged", fresh.acknowledged_by_name);
  return null;
}

function told(step: "acknowledged" | "resolved", name: string | null): Faster {
  return name ? { key: `conflict.${step}By`, values: { name } } : { key: `conflict.${step}`, values: { name: "" } };
}
