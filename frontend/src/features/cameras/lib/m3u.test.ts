import { describe, expect, it } from "vitest";

import { parseM3u } from "./m3u";

describe("a playlist", () => {
  it("gives names and addresses, in order", () => {
    const text =
      '\uFEFF#EXTM3U\r\n#EXTINF:-1 tvg-id="a",Front, door\r\nrtsp://10.0.0.5/1\r\n#EXTINF:-1 tvg-name="Hall",\nhttp://x/y.m3u8\n';
    expect(parseM3u(text)).toEqual({
      entries: [
        { name: "door", url: "rtsp://10.0.0.5/1" },
        { name: "Hall", url: "http://x/y.m3u8" },
      ],
      skipped: 0,
    });
  });

  it("names an address without one by its host, and shows no login", () => {
    expect(parseM3u("rtsp://viewer:secret@cam.local:554/ch1").entries).toEqual([
      { name: "cam.local:554", url: "rtsp://viewer:secret@cam.local:554/ch1" },
    ]);
  });

  it("skips what it cannot open and counts it", () => {
    expect(parseM3u("C:\\video.mp4\nfile:///etc/passwd\nsegment.ts")).toEqual({ entries: [], skipped: 3 });
  });
});
