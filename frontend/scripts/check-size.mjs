// The limits of what a browser fetches, in kB of gzipped JavaScript: before the first page, and for each page.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_KB = 250;
const PAGE_KB = 150;

const built = new URL("../../backend/sightline/api/ui/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.build.json", built), "utf8"));
const size = (file) => gzipSync(readFileSync(fileURLToPath(new URL(file, built)))).length / 1000;

/** An entry and all that it imports at once. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const imported of manifest[key].imports ?? []) closure(imported, found);
  return found;
}

const first = closure("index.html");
const kb = (keys) =>
  [...keys].reduce((sum, key) => sum + (manifest[key].file.endsWith(".js") ? size(manifest[key].file) : 0), 0);
const rows = [["first load", kb(first), FIRST_KB]];
// Pages, and parts of pages that come later, such as drawn charts.
const isPart = (one) => manifest[one].isDynamicEntry && /\.tsx?$/.test(one);
for (const key of Object.keys(manifest).filter(isPart)) {
  const own = [...closure(key)].filter((one) => !first.has(one));
  rows.push([key.replace(/^src\/(pages\/)?/, ""), kb(own), PAGE_KB]);
}

let isOver = false;
for (const [name, used, limit] of rows) {
  if (used > limit) isOver = true;
  console.log(`${name.padEnd(40)} ${used.toFixed(1).padStart(7)} kB of ${limit}${used > limit ? "  TOO MUCH" : ""}`);
}
if (isOver) process.exit(1);
