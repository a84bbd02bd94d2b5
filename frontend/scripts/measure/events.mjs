// From an event of the WebSocket to the pixel: how soon somebody who comes before a camera stands in the list.
import { openPage, quantile } from "./browser.mjs";
import { playingCameras, withApi } from "./product.mjs";

const EVENTS = 50;
const CAMERAS = 4;
const LONGEST_MS = 300_000;

export async function measureEvents({ browser, house }) {
  await withApi(house, (api) => playingCameras(api, house, CAMERAS));
  const page = await openPage(browser, house);
  await page.addInitScript(timeRows);
  await page.goto("/sightings");
  await page.waitForSelector("[data-sighting]");
  const isEnough = (wanted) => window.measured.shown.length >= wanted;
  await page.waitForFunction(isEnough, EVENTS, { timeout: LONGEST_MS, polling: 1000 });
  const { shown, missing } = await page.evaluate(() => ({
    shown: window.measured.shown,
    missing: [...window.measured.waiting.values()].filter(({ at }) => performance.now() - at > 5000).length,
  }));
  await page.context().close();
  return {
    events: shown.length,
    never_shown: missing,
    pixel_ms: spread(shown.map(({ arrived, painted }) => painted - arrived)),
    since_published_ms: spread(shown.map(({ published, painted }) => painted - published)),
  };
}

function spread(values) {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95), max: quantile(values, 1) };
}

/** In the page: when the event of a sighting that has no row yet arrived, and when the frame with its row was done. */
function timeRows() {
  const measured = { shown: [], waiting: new Map() };
  window.measured = measured;
  const clock = (at) => performance.timeOrigin + at;
  const rowOf = (id) => document.querySelector(`[data-sighting="${id}"]`);

  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      // Before the page's own listener, since it is added first.
      this.addEventListener("message", ({ data, timeStamp }) => {
        const told = JSON.parse(data);
        if (told.type !== "event" || told.topic !== "detections" || measured.waiting.has(told.data.id)) return;
        if (rowOf(told.data.id)) return;
        // The event's place in the stream begins with the millisecond in which it was published.
        measured.waiting.set(told.data.id, { at: timeStamp, published: Number(told.id.split("-")[0]) });
      });
    }
  };
  const look = () => {
    for (const [id, { at, published }] of measured.waiting) {
      if (!rowOf(id)) continue;
      measured.waiting.delete(id);
      // The first callback runs before this frame is painted, the second one after it.
      requestAnimationFrame(() =>
        requestAnimationFrame(() =>
          measured.shown.push({ arrived: clock(at), published, painted: clock(performance.now()) }),
        ),
      );
    }
  };
  addEventListener("DOMContentLoaded", () =>
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true }),
  );
}
