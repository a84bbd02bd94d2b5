/** Corners as shares of the picture's width and height, as the API has them: (0, 0) is its top left. */
export type Corner = readonly [number, number];
export type Polygon = readonly Corner[];

export interface Drawing {
  areas: readonly Polygon[];
  /** The area that is being drawn: fewer than three corners make none. */
  open: Polygon | null;
  selected: { area: number; corner: number | null } | null;
  /** What undo returns to, the latest last. */
  past: readonly (readonly Polygon[])[];
}

export type Action =
  | { type: "begin" }
  | { type: "point"; at: Corner }
  | { type: "close" }
  | { type: "cancel" }
  | { type: "select"; area: number; corner: number | null }
  | { type: "move"; area: number; corner: number; to: Corner; isFirst?: boolean }
  | { type: "nudge"; by: Corner }
  | { type: "removeCorner" }
  /** A corner between the selected one and the next. */
  | { type: "addCorner" }
  /** An area in the middle, to be moved from there: drawing without a pointer. */
  | { type: "insert" }
  | { type: "removeArea"; area: number }
  | { type: "undo" };

const FEWEST = 3;
const MIDDLE: Polygon = [
  [0.35, 0.35],
  [0.65, 0.35],
  [0.65, 0.65],
  [0.35, 0.65],
];
export const MOST_AREAS = 32;
export const MOST_CORNERS = 64;

export function drawingOf(areas: readonly Polygon[]): Drawing {
  return { areas, open: null, selected: null, past: [] };
}

const inside = (value: number) => Math.min(1, Math.max(0, value));
const clamped = ([x, y]: Corner): Corner => [inside(x), inside(y)];

function changed(state: Drawing, areas: readonly Polygon[], selected = state.selected): Drawing {
  return { ...state, areas, selected, past: [...state.past, state.areas] };
}

function withCorner(areas: readonly Polygon[], area: number, corner: number, to: Corner): readonly Polygon[] {
  return areas.map((polygon, index) =>
    index === area ? polygon.map((one, at) => (at === corner ? clamped(to) : one)) : polygon,
  );
}

/** What a click, a drag or a key makes of a drawing. */
export function draw(state: Drawing, action: Action): Drawing {
  switch (action.type) {
    case "begin":
      return state.areas.length < MOST_AREAS ? { ...state, open: [], selected: null } : state;
    case "point":
      if (!state.open || state.open.length >= MOST_CORNERS) return state;
      return { ...state, open: [...state.open, clamped(action.at)] };
    case "close":
      if (!state.open) return state;
      if (state.open.length < FEWEST) return { ...state, open: null };
      return {
        ...changed(state, [...state.areas, state.open], { area: state.areas.length, corner: null }),
        open: null,
      };
    case "cancel":
      return { ...state, open: null };
    case "select":
      return { ...state, selected: { area: action.area, corner: action.corner } };
    case "move": {
      const areas = withCorner(state.areas, action.area, action.corner, action.to);
      // One drag is one step of undo, however many movements it has.
      return action.isFirst ? changed(state, areas) : { ...state, areas };
    }
    case "nudge":
      return nudged(state, action.by);
    case "removeCorner":
      return withoutCorner(state);
    case "addCorner":
      return withNewCorner(state);
    case "insert":
      if (state.areas.length >= MOST_AREAS) return state;
      return { ...changed(state, [...state.areas, MIDDLE], { area: state.areas.length, corner: 0 }), open: null };
    case "removeArea":
      return changed(
        state,
        state.areas.filter((_, index) => index !== action.area),
        null,
      );
    case "undo": {
      const before = state.past.at(-1);
      return before ? { ...state, areas: before, past: state.past.slice(0, -1), selected: null } : state;
    }
  }
}

function nudged(state: Drawing, [dx, dy]: Corner): Drawing {
  const { selected } = state;
  if (!selected) return state;
  const area = state.areas[selected.area];
  if (!area) return state;
  if (selected.corner !== null) {
    const [x, y] = area[selected.corner] ?? [0, 0];
    return changed(state, withCorner(state.areas, selected.area, selected.corner, [x + dx, y + dy]));
  }
  const moved = area.map(([x, y]): Corner => [x + dx, y + dy]);
  // An area that would leave the picture stays: its form would change.
  if (moved.some(([x, y]) => x < 0 || x > 1 || y < 0 || y > 1)) return state;
  return changed(
    state,
    state.areas.map((one, index) => (index === selected.area ? moved : one)),
  );
}

function withoutCorner(state: Drawing): Drawing {
  const { selected } = state;
  const area = selected && state.areas[selected.area];
  if (!selected || !area || selected.corner === null) return state;
  if (area.length <= FEWEST) return draw(state, { type: "removeArea", area: selected.area });
  const rest = area.filter((_, index) => index !== selected.corner);
  return changed(
    state,
    state.areas.map((one, index) => (index === selected.area ? rest : one)),
    { area: selected.area, corner: null },
  );
}

function withNewCorner(state: Drawing): Drawing {
  const { selected } = state;
  const area = selected && state.areas[selected.area];
  if (!selected || !area || area.length >= MOST_CORNERS) return state;
  const before = selected.corner ?? area.length - 1;
  const [from, to] = [area[before], area[(before + 1) % area.length]];
  if (!from || !to) return state;
  const between: Corner = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  return changed(
    state,
    state.areas.map((one, index) => (index === selected.area ? one.toSpliced(before + 1, 0, between) : one)),
    { area: selected.area, corner: before + 1 },
  );
}
