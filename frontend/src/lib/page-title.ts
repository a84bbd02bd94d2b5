import { formatNumber } from "@/lib/format";

let name = "";
let count = 0;

/** "(3) Cameras · Sightline" in the browser's tab: the page's name, and how many alerts nobody has looked at. */
export function setPageTitle(change: { name?: string; count?: number }): void {
  name = change.name ?? name;
  count = change.count ?? count;
  document.title = `${count ? `(${formatNumber(count)}) ` : ""}${name} · Sightline`;
}
