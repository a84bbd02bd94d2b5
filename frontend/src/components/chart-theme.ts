/** Colours of charts are those of the theme, whichever is shown. */
export const CHART_COLOURS = [1, 2, 3, 4, 5, 6].map((n) => `var(--chart-${n})`);

export const AXIS = {
  tick: { fill: "var(--muted-foreground)", fontSize: 11 },
  tickLine: false,
  axisLine: { stroke: "var(--border)" },
} as const;
