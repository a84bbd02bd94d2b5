// How long a start takes: with nothing kept by the browser and with what an earlier visit left, on a fast network and on
// a slow one.
import { isSettled, openPage } from "./browser.mjs";
import { slowNetwork } from "./slow-network.mjs";

const SLOW = { roundTripMs: 300, bitsPerSecond: 1_000_000 };
const LONGEST_MS = 60_000;

export async function measureStart({ browser, house }) {
  const network = await slowNetwork(house.url, SLOW);
  try {
    return { fast: await visits(browser, house, house.url), slow: await visits(browser, house, network.url) };
  } finally {
    network.close();
  }
}

async function visits(browser, house, url) {
  const stranger = await browser.newContext({ baseURL: url });
  const login = await visit(await stranger.newPage(), "/login");
  await stranger.close();
  const page = await openPage(browser, house, { url });
  const first = await visit(page, "/dashboard");
  await page.waitForLoadState("networkidle", { timeout: LONGEST_MS }); // what the service worker keeps
  const again = await visit(page, "/dashboard");
  await page.context().close();
  return { "login, first time": login, "dashboard, first time": first, "dashboard, again": again };
}

async function visit(page, path) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const began = performance.now();
  await page.goto(path, { waitUntil: "commit", timeout: LONGEST_MS });
  await page.waitForFunction(isSettled, null, { timeout: LONGEST_MS });
  const usable = performance.now() - began;
  const painted = await (
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime)
  ).jsonValue();
  await session.detach();
  return { first_paint_ms: painted, usable_ms: usable, fetched_kb: bytes / 1000 };
}
