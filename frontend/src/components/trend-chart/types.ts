interface TrendSeries {
  key: string;
  label: string;
}

type TrendRow = { at: string } & Record<string, number | string>;

export interface Props {
  /** What the chart shows, for screen readers. */
  caption: string;
  rows: TrendRow[];
  series: TrendSeries[];
  formatAt: (at: string) => string;
  kind?: "line" | "bar";
  /** px */
  height?: number;
}
