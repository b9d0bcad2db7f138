/**
 * A figure as data: what the page embeds as JSON, what the PNG is drawn from. It says what is
 * shown in base units; `plot/config.ts` says how it looks.
 */

export interface Axis {
  readonly title: string;
  /** Base unit as in the metric table, '' for pure numbers. */
  readonly unit: string;
  readonly scale: 'linear' | 'log' | 'category';
  /** Labels of a category axis, in order; data then hold indices. */
  readonly categories?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Draw from zero (linear): true unless the data live far from it. */
  readonly fromZero?: boolean;
  /** Values that must have a tick (swept parameters on a numeric axis). */
  readonly ticks?: readonly number[];
}

/** [x, y]; y null = a gap. */
export type Point = readonly [number, number | null];

export interface Series {
  readonly label: string;
  readonly points: readonly Point[];
  /** 95 % interval per point, null where there is none. */
  readonly ci95?: readonly (readonly [number, number] | null)[];
  /** Colour, dash and marker number; equal series of two figures look alike. */
  readonly style: number;
}

/** A line across the plot, such as an expectation's bound. */
export interface Mark {
  readonly axis: 'x' | 'y';
  readonly value: number;
  readonly label: string;
  readonly tone: 'limit' | 'hint';
  /** End of the line that carries the label. */
  readonly place?: 'start' | 'end';
}

export interface XyPlot {
  readonly type: 'xy';
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  /** What the series differ in; their labels lose it as a prefix. */
  readonly legend?: string;
  /** `marker`: points joined by lines with whiskers; `plain`: lines with bands; `dots`: whiskers only. */
  readonly look: 'marker' | 'plain' | 'step' | 'dots';
}

export interface BarPlot {
  readonly type: 'bar';
  readonly legend?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
}

export interface BoxPlot {
  readonly type: 'box';
  readonly x: Axis;
  readonly y: Axis;
  readonly boxes: readonly {
    readonly label: string;
    /** p5, p25, p50, p75, p95. */
    readonly quantiles: readonly [number, number, number, number, number];
  }[];
}

export interface GridCell {
  /** Edges (numeric axes) or index twice (category axes). */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly value: number;
  /** Printed inside the cell; '' prints nothing. */
  readonly text: string;
}

export interface GridPlot {
  readonly type: 'grid';
  readonly x: Axis;
  readonly y: Axis;
  readonly cells: readonly GridCell[];
  readonly colour: {
    readonly title: string;
    readonly unit: string;
    readonly scale: 'linear' | 'log';
    readonly min: number;
    readonly max: number;
  };
}

export type Plot = XyPlot | BarPlot | BoxPlot | GridPlot;

/** The numbers behind a figure, formatted. */
export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said below when rows were left out. */
  readonly note?: string;
}

export interface Figure {
  /** File name without extension and anchor: lower case letters, digits, dashes. */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** Height over width at full size. */
  readonly aspect: number;
  readonly plot: Plot;
  readonly table: DataTable;
}
