/** Pictures per second that all live tiles of this tab fetch together: of one user's quota (30 a second) it leaves room
 * for a second tab and for the pictures of people, and sixteen tiles stay well under a core. */
const TOGETHER = 8;
const LONGEST_PAUSE_MS = 30_000;

let shown = 0;

/** A tile is in sight; call what comes back when it is no more. */
export function joinPace(): () => void {
  shown += 1;
  let isIn = true;
  return () => {
    if (isIn) shown -= 1;
    isIn = false;
  };
}

/** From one picture of a tile to its next. refreshSeconds: how often there is a new one at all. */
export function paceMs(refreshSeconds: number, tiles = shown): number {
  return 1000 * Math.max(refreshSeconds, tiles / TOGETHER);
}

/** After this many failures in a row. retryAfter: seconds that the server asks for. */
export function pauseMs(failures: number, pace: number, retryAfter: number | null = null): number {
  const own = Math.min(pace * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS);
  return Math.max(own, 1000 * (retryAfter ?? 0));
}
