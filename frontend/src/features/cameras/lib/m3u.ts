export interface Entry {
  name: string;
  url: string;
}

const SCHEMES = /^(rtsps?|https?|rtmps?|srt|udp|rtp):\/\//i;
const NAME_AT_END = /,(?=[^,]*$)(.*)$/;
const TVG_NAME = /tvg-name="([^"]*)"/;
export const MOST_ENTRIES = 500;

/** Streams of a playlist (RFC 8216's EXTM3U as IPTV uses it): names from #EXTINF, addresses of schemes that we open. */
export function parseM3u(text: string): { entries: Entry[]; skipped: number } {
  const entries: Entry[] = [];
  let name = "";
  let skipped = 0;
  for (const raw of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const line = raw.trim();
    if (line.startsWith("#EXTINF")) name = nameOf(line);
    if (!line || line.startsWith("#")) continue;
    if (!SCHEMES.test(line) || entries.length >= MOST_ENTRIES) skipped += 1;
    else entries.push({ name: name || hostOf(line), url: line });
    name = "";
  }
  return { entries, skipped };
}

function nameOf(line: string): string {
  return (NAME_AT_END.exec(line)?.[1] ?? "").trim() || (TVG_NAME.exec(line)?.[1] ?? "").trim();
}

/** A name for an address without one; never with its login. */
function hostOf(url: string): string {
  return (
    url
      .replace(SCHEMES, "")
      .replace(/^[^/@]*@/, "")
      .split(/[/?]/, 1)[0] ?? ""
  );
}
