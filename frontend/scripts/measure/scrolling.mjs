// A list of 100,000 sightings: scrolled from its top as pages come, loaded to its end, and scrolled all loaded.
import { isSettled, openPage, quantile } from "./browser.mjs";
import { fillSightings } from "./product.mjs";
import { traced } from "./tasks.mjs";

const WHEEL_PX = 400; // three to four notches of a wheel
const WHEEL_MS = 50;
const JUMPS = 60;
const JUMP_MS = 250;
const LOADING_MS = 600_000;

export async function measureScrolling({ browser, house, isOwn, rows, seconds }) {
  if (isOwn) fillSightings(house, rows);
  const page = await openPage(browser, house);
  await page.addInitScript(countFrames);
  await page.goto("/sightings");
  await page.waitForSelector("[data-sighting]");
  await page.waitForFunction(isSettled);
  const list = page.locator("[role=list]:has([data-sighting])");
  await list.hover({ position: { x: 300, y: 200 } });

  const phases = {};
  const phase = async (name, act) => {
    await page.evaluate(() => window.measured.begin());
    const { tasks } = await traced(browser, act);
    const frames = await page.evaluate(() => window.measured.frames);
    phases[name] = { ...tasks, frames: frames.length, frame_p95_ms: quantile(frames, 0.95), ...(await length(page)) };
  };
  await phase("wheel, from the top", () => wheel(page, WHEEL_PX, seconds));
  await phase("to the end", () => page.evaluate(loadAll, { most: rows, limit: LOADING_MS }));
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

/** How many rows are loaded, and what the page's scripts hold. */
function length(page) {
  return page.evaluate(() => ({
    rows: Math.round(document.querySelector("[role=list]:has([data-sighting])").clientHeight / 64),
    heap_mb: Math.round(performance.memory.usedJSHeapSize / 1e6),
    events: window.measured.events,
  }));
}

/** In the page: the time from each frame to the next, and where the list scrolls. */
function countFrames() {
  const measured = {
    frames: [],
    events: 0,
    begin() {
      measured.frames = [];
      measured.events = 0;
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
    measured.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (String(data).includes('"event"')) measured.events += 1;
      });
    }
  };
}

/** In the page: scroll to the end again and again, until no more rows come. */
function loadAll({ most, limit }) {
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
