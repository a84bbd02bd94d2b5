// Measures what the interface promises, in a browser on a running product: node scripts/measure.mjs [--only wall,events]
// [--json FILE]. The product is its own, of the built interface (npm run build), or the one that SIGHTLINE_E2E_STATE
// names, whose sightings are then taken as they are. Ends with 1 where a goal is missed.
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { openBrowser } from "./measure/browser.mjs";
import { measureEvents } from "./measure/events.mjs";
import { linesOf } from "./measure/goals.mjs";
import { openProduct, restCameras, withApi } from "./measure/product.mjs";
import { measureScrolling } from "./measure/scrolling.mjs";
import { measureStart } from "./measure/start.mjs";
import { measureWall } from "./measure/wall.mjs";
import { sizes } from "./sizes.mjs";

// The list comes last: nothing else should have its hundred thousand sightings, nor it the cameras of the others.
const ALL = {
  sizes: () => sizes(),
  start: measureStart,
  events: measureEvents,
  wall: (given) => measureWall({ ...given, seconds: 60 }),
  scrolling: (given) => measureScrolling({ ...given, rows: 100_000, seconds: 30 }),
};

const { values } = parseArgs({ options: { only: { type: "string" }, json: { type: "string" } } });
const wanted = values.only?.split(",") ?? Object.keys(ALL);
const unknown = wanted.filter((name) => !(name in ALL));
if (unknown.length)
  throw new Error(`Nothing to measure: ${unknown.join(", ")}; known are ${Object.keys(ALL).join(", ")}`);

const load = () => loadavg()[0];
const measured = { load_before: load() };
const product = await openProduct();
try {
  for (const [name, measure] of Object.entries(ALL).filter(([name]) => wanted.includes(name))) {
    await withApi(product.house, restCameras);
    measured[name] = await alone(measure);
    console.warn(`measured: ${name}, load ${load().toFixed(1)}`);
    keep();
  }
  await withApi(product.house, restCameras);
} finally {
  await product.stop();
}
process.exitCode = told(linesOf(measured)) ? 0 : 1;

/** What is measured by now, so that whoever ends a long run has it. */
function keep() {
  measured.load_after = load();
  if (values.json) writeFileSync(values.json, `${JSON.stringify(measured, null, 2)}\n`);
}

/** In a browser of its own. */
async function alone(measure) {
  const { browser, pid, close } = await openBrowser();
  try {
    return await measure({ ...product, browser, pid });
  } finally {
    await close();
  }
}

/** Prints the table; whether all goals are met. */
function told(lines) {
  const width = Math.max(...lines.map(({ name }) => name.length));
  const say = (text) => process.stdout.write(`${text}\n`);
  say(`${cpus().length} × ${cpus()[0]?.model ?? "?"}, headless Chromium without GPU`);
  say(`load ${measured.load_before.toFixed(1)} before, ${measured.load_after.toFixed(1)} after`);
  for (const { name, shown, goal, isMet } of lines) {
    say(`${isMet ? " " : "✗"} ${name.padEnd(width)}  ${shown}${goal && `  (${goal})`}`);
  }
  return lines.every(({ isMet }) => isMet);
}
