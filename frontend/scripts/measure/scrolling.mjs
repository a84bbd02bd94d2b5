// A list of 100,000 sightings: scrolled from its top as pages come, loaded to its end, and scrolled all loaded.
import { isSettled, openPage, quantile } from "./browser.mjs";
import { fillSightings } from "./product.mjs";
import { traced } from "./tasks.mjs";

const WHEEL_PX = 400; // three to four notches of a wheel
const WHEEL_MS = 50;
const JUMPS = 60;
const JUMP_MS = 250;
const LOADING_MS = 900_000;
const LAST = 10_000; // rows: as many as a trace of their loading can hold

export async function measureScrolling({ browser, house, isOwn, rows, seconds }) {
  if (isOwn) fillSightings(house, rows);
  const page = await openPage(browser, house);
  await page.addInitScript(watch);
  await page.goto("/sightings");
  await page.waitForSelector("[data-sighting]");
  await page.waitForFunction(isSettled);
  const list = page.locator("[role=list]:has([data-sighting])");
  await list.hover({ position: { x: 300, y: 200 } });

  const phases = {};
  /** isLong: without a trace, which would not fit; what tasks had of a processor is then unknown. */
  const phase = async (name, act, { isLong = false } = {}) => {
    await page.evaluate(() => window.measured.begin());
    const began = performance.now();
    const { answer, tasks } = isLong ? { answer: await act() } : await traced(browser, act);
    const seconds = (performance.now() - began) / 1000;
    const seen = await page.evaluate(() => window.measured.seen());
    phases[name] = { ...seen, ...tasks, frame_p95_ms: quantile(seen.frames, 0.95), seconds, ...answer };
    phases[name].frames = seen.frames.length;
    console.warn(`  ${name}: ${Math.round(seconds)} s, ${seen.rows} rows`);
  };
  const load = (most) => page.evaluate(loadUntil, { most, limit: LOADING_MS });
  await phase("wheel, from the top", () => wheel(page, WHEEL_PX, seconds));
  await phase("to the end", () => load(rows - LAST), { isLong: true });
  await phase(`to the end, the last ${LAST}`, () => load(rows));
  await phase("wheel, all loaded", () => wheel(page, -WHEEL_PX, seconds));
  await phase("scrollbar, all loaded", () => jump(page));
  await page.context().close();
  return phases;
}

async function wheel(page, step, seconds) {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    await page.mouse.wheel(0, step);
    await page.waitForTimeout(WHEEL_MS);
  }
}

/** To places all over the list, as one drags the scrollbar. */
async function jump(page) {
  for (let number = 0; number < JUMPS; number += 1) {
    await page.evaluate(
      (share) => {
        const scroller = window.measured.scroller();
        scroller.scrollTop = share * scroller.scrollHeight;
      },
      (number * 0.618034) % 1,
    ); // the golden ratio: evenly spread, never in order
    await page.waitForTimeout(JUMP_MS);
  }
}

/** In the page: the time from each frame to the next, long tasks, events, and where the list scrolls. */
function watch() {
  let [frames, long, events] = [[], [], 0];
  const measured = {
    begin() {
      [frames, long, events] = [[], [], 0];
    },
    seen() {
      const list = document.querySelector("[role=list]:has([data-sighting])");
      return {
        frames,
        events,
        over_50_ms: long.length,
        longest_ms: Math.max(0, ...long),
        rows: Math.round(list.clientHeight / 64),
        heap_mb: Math.round(performance.memory.usedJSHeapSize / 1e6),
      };
    },
    scroller() {
      let element = document.querySelector("[data-sighting]");
      while (
        element &&
        !(element.scrollHeight > element.clientHeight && /auto|scroll/.test(getComputedStyle(element).overflowY))
      )
        element = element.parentElement;
      return element;
    },
  };
  window.measured = measured;
  let last = performance.now();
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
  });
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (String(data).includes('"event"')) events += 1;
      });
    }
  };
}

/** In the page: scroll to the end again and again, until so many rows are there, or no more come. */
function loadUntil({ most, limit }) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const scroller = window.measured.scroller();
      scroller.scrollTop = scroller.scrollHeight;
      const item = [...document.querySelectorAll("[role=listitem][aria-setsize]")].at(-1);
      const isAll = Number(item?.ariaSetSize) > 0 || Number(item?.ariaPosInSet) >= most;
      if (!isAll && performance.now() - began < limit) return;
      clearInterval(timer);
      if (isAll) resolve();
      else reject(new Error(`only ${item?.ariaPosInSet} rows came`));
    }, 50);
  });
}
