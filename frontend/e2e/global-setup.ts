import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startHouse } from "./house";

/** One product for all tests, unless one runs already. */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.SIGHTLINE_E2E_STATE) return undefined;
  const { house, stop } = await startHouse();
  const folder = mkdtempSync(join(tmpdir(), "sightline-e2e-"));
  process.env.SIGHTLINE_E2E_STATE = join(folder, "house.json");
  writeFileSync(process.env.SIGHTLINE_E2E_STATE, JSON.stringify(house), { mode: 0o600 });
  return async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
