// Makes the PNG icons of an installed Sightline from public/icon.svg: node scripts/icons.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { chromium } from "@playwright/test";

const folder = fileURLToPath(new URL("../public/", import.meta.url));
const drawing = readFileSync(`${folder}icon.svg`, "utf8");
// Of a maskable icon systems may cut off all but the inner 80 %.
const ICONS = [
  { name: "icon-192.png", size: 192, part: 0.72, round: 0.2 },
  { name: "icon-512.png", size: 512, part: 0.72, round: 0.2 },
  { name: "icon-maskable-512.png", size: 512, part: 0.54, round: 0 },
];

const browser = await chromium.launch({
  executablePath: process.env.SIGHTLINE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
for (const { name, size, part, round } of ICONS) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>body{margin:0;display:grid;place-items:center;height:100vh;background:#fff;border-radius:${round * size}px}
     html{background:transparent}svg{width:${part * size}px}</style>${drawing}`,
  );
  writeFileSync(`${folder}${name}`, await page.screenshot({ omitBackground: true }));
}
await browser.close();
