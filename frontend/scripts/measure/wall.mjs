// The live view with sixteen cameras: the processor time of all of the browser's processes.
import { openPage } from "./browser.mjs";
import { cores, spent } from "./processor.mjs";
import { playingCameras, withApi } from "./product.mjs";

const TILES = 16;
const SCREEN = { width: 1920, height: 1080 };
const WARM_UP_S = 15;

export async function measureWall({ browser, pid, house, seconds }) {
  const cameras = await withApi(house, (api) => playingCameras(api, house, TILES));
  const page = await openPage(browser, house, { viewport: SCREEN });
  await page.addInitScript(countPictures);
  const chosen = cameras.map((id) => `camera=${id}`).join("&");
  await page.goto(`/live?${chosen}&cols=4&overlay=true`);
  await page.waitForFunction((most) => document.querySelectorAll("[data-live=live]").length >= most, TILES);
  await page.waitForTimeout(1000 * WARM_UP_S);

  const [drawn, before] = [await page.evaluate(() => window.measured.drawn), spent(pid)];
  let faces = 0;
  for (let second = 0; second < seconds; second += 1) {
    await page.waitForTimeout(1000);
    faces += await page.evaluate(() => document.querySelectorAll("[data-live] [title] bdi").length);
  }
  const used = cores(before, spent(pid));
  const figures = await page.evaluate(() => {
    const { drawn, width, height } = window.measured;
    const tile = document.querySelector("[data-live]").getBoundingClientRect();
    const live = document.querySelectorAll("[data-live=live]").length;
    return { drawn, source: `${width}x${height}`, tile: `${Math.round(tile.width)}x${Math.round(tile.height)}`, live };
  });
  await page.context().close();
  return {
    tiles: figures.live,
    pictures_per_second: (figures.drawn - drawn) / seconds,
    source: figures.source,
    tile: figures.tile,
    faces_marked: faces / seconds,
    seconds,
    browser_cores: used.total,
    by_process: used.byKind,
    others_cores: used.others,
  };
}

/** In the page: pictures that were drawn, and how large they came. */
function countPictures() {
  const measured = { drawn: 0, width: 0, height: 0 };
  window.measured = measured;
  const { transferFromImageBitmap } = ImageBitmapRenderingContext.prototype;
  ImageBitmapRenderingContext.prototype.transferFromImageBitmap = function draw(bitmap) {
    measured.drawn += 1;
    return transferFromImageBitmap.call(this, bitmap);
  };
  const decode = window.createImageBitmap;
  window.createImageBitmap = async (source, options) => {
    if (measured.width === 0 && source instanceof Blob) {
      const whole = await decode(source);
      [measured.width, measured.height] = [whole.width, whole.height];
      whole.close();
    }
    return decode(source, options);
  };
}
