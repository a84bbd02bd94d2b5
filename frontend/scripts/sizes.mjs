// What a browser fetches of the built interface, in kB of gzipped JavaScript: before the first page, and for each page.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_KB = 250;
const PAGE_KB = 150;

const built = new URL("../../backend/sightline/api/ui/", import.meta.url);

/** Rows of name, size and limit; the first load is the first of them. */
export function sizes() {
  const manifest = JSON.parse(readFileSync(new URL("manifest.build.json", built), "utf8"));
  /** An entry and all that it imports at once. */
  const closure = (key, found = new Set()) => {
    if (found.has(key)) return found;
    found.add(key);
    for (const imported of manifest[key].imports ?? []) closure(imported, found);
    return found;
  };
  const kb = (keys) =>
    [...keys]
      .map((key) => manifest[key].file)
      .filter((file) => file.endsWith(".js"))
      .reduce((sum, file) => sum + gzipSync(readFileSync(fileURLToPath(new URL(file, built)))).length / 1000, 0);
  const page = readFileSync(new URL("index.html", built), "utf8");
  const named = Object.keys(manifest).filter((key) => page.includes(`/${manifest[key].file}"`));
  const first = new Set(named.flatMap((key) => [...closure(key)]));
  const rows = [{ name: "first load", kb: kb(first), limit: FIRST_KB }];
  // Pages, and parts of pages that come later, such as drawn charts.
  const isPart = (one) => manifest[one].isDynamicEntry && /\.tsx?$/.test(one);
  for (const key of Object.keys(manifest).filter(isPart)) {
    const own = [...closure(key)].filter((one) => !first.has(one));
    rows.push({ name: key.replace(/^src\/(pages\/)?/, ""), kb: kb(own), limit: PAGE_KB });
  }
  return rows;
}
