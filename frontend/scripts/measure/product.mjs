// The product that is measured: its own, started with interface_house.py, or one that runs (SIGHTLINE_E2E_STATE).
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { request } from "@playwright/test";

import { runningHouse, startHouse } from "../../e2e/house.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WAIT_MS = 120_000;
/** Frames per second and camera that are analysed: with sixteen cameras there has to be room for the browser. */
const SAMPLE_RATE = "1";

export async function openProduct() {
  if (process.env.SIGHTLINE_E2E_STATE) return { house: runningHouse(), isOwn: false, stop: async () => {} };
  if (!existsSync(`${ROOT}backend/sightline/api/ui/index.html`)) {
    throw new Error("The interface is not built: npm run build");
  }
  process.env.SIGHTLINE_CAPTURE__SAMPLE_RATE ??= SAMPLE_RATE;
  return { ...(await startHouse()), isOwn: true };
}

/** Sightings of the last weeks up to this number, straight into the product's database. */
export function fillSightings(house, count) {
  const words = ["-m", "tests.support.many_sightings", "--data-dir", house.data_dir, "--count", String(count)];
  execFileSync(`${ROOT}.venv/bin/python`, words, { cwd: `${ROOT}backend`, stdio: ["ignore", "ignore", "inherit"] });
}

export async function answered(response) {
  if (!response.ok()) throw new Error(`${response.url()}: ${response.status()} ${await response.text()}`);
  return response.status() === 204 ? null : response.json();
}

/** Run `act` with the API as administrator. */
export async function withApi(house, act) {
  const stranger = await request.newContext({ baseURL: house.url });
  const { access_token } = await answered(await stranger.post("/v1/auth/login", { data: house.accounts.admin }));
  await stranger.dispose();
  const extraHTTPHeaders = { Authorization: `Bearer ${access_token}` };
  const api = await request.newContext({ baseURL: house.url, extraHTTPHeaders });
  try {
    return await act(api);
  } finally {
    await api.dispose();
  }
}

const NAME = "Measured";

/** So many cameras that play the house's clip and are active; their ids. Those that are missing are made. */
export async function playingCameras(api, house, count) {
  const { url, username, password } = house.stream;
  const known = await answered(await api.get(`/v1/cameras?q=${NAME}&limit=200&sort=name`));
  for (let number = known.items.length + 1; number <= count; number += 1) {
    const data = { name: `${NAME} ${String(number).padStart(2, "0")}`, stream_url: url, username, password };
    await answered(await api.post("/v1/cameras", { data }));
  }
  await answered(await api.post("/v1/cameras/bulk", { data: await action(api, "enable") }));
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const { items } = await answered(await api.get(`/v1/cameras?q=${NAME}&limit=200&sort=name&status=active`));
    if (items.length >= count) return items.slice(0, count).map(({ id }) => id);
    if (Date.now() > deadline) throw new Error(`${items.length} of ${count} cameras play`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** They are no longer watched. */
export async function restCameras(api) {
  const data = await action(api, "disable");
  if (data.ids.length > 0) await answered(await api.post("/v1/cameras/bulk", { data }));
}

async function action(api, name) {
  const { items } = await answered(await api.get(`/v1/cameras?q=${NAME}&limit=200`));
  return { action: name, ids: items.map(({ id }) => id) };
}
