const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
  [/curl\//, "curl"],
  [/python/i, "Python"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Chrome, Linux" from a User-Agent, as far as it says; null where it says nothing that we know. */
export function describeBrowser(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const known = (table: [RegExp, string][]) => table.find(([sign]) => sign.test(userAgent))?.[1];
  return [known(BROWSERS), known(SYSTEMS)].filter(Boolean).join(", ") || null;
}
