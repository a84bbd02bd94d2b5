import type { AlertOut } from "@/client/types.gen";

const FRESH_MS = 60_000;
const REMEMBERED = 500;

/** Tells alerts that have just been raised from old ones that changed; by the server's clock alone. */
export class Arrivals {
  private readonly seen = new Set<string>();

  isNew(alert: AlertOut): boolean {
    if (this.seen.has(alert.id)) return false;
    this.seen.add(alert.id);
    const [oldest] = this.seen;
    if (this.seen.size > REMEMBERED && oldest !== undefined) this.seen.delete(oldest);
    return alert.status === "new" && Date.parse(alert.updated_at) - Date.parse(alert.created_at) < FRESH_MS;
  }
}
