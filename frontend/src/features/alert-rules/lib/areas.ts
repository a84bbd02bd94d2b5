/** Corners as shares of a picture's width and height; (0, 0) is its top left. */
export type Corner = [number, number];
export type Area = Corner[];

const DIGITS = 4;

function share(value: number): number {
  return Number(Math.min(1, Math.max(0, value)).toFixed(DIGITS));
}

export function clamped([x, y]: Corner): Corner {
  return [share(x), share(y)];
}

export function moved(area: Area, index: number, [x, y]: Corner, times: number): Area {
  return area.map((corner, at) => (at === index ? clamped([corner[0] + x * times, corner[1] + y * times]) : corner));
}

export function withoutCorner(area: Area, index: number): Area {
  return area.filter((_, at) => at !== index);
}

/** The middle of each side; the last side leads back to the first corner. */
export function middles(area: Area): Area {
  return area.map((corner, index) => {
    const next = area[(index + 1) % area.length] ?? corner;
    return clamped([(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2]);
  });
}

/** Another corner in the middle of a side. */
export function withCorner(area: Area, side: number): Area {
  const middle = middles(area)[side];
  return middle ? area.toSpliced(side + 1, 0, middle) : area;
}
