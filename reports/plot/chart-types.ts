/**
 * The part of Chart.js that is used here, as narrow types: its own need the DOM's, which Node code
 * must not see, and reject the extra fields that the plug-ins of this folder read.
 */

export interface Context2d {
  save(): void;
  restore(): void;
  beginPath(): void;
  closePath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  clip(): void;
  stroke(): void;
  fill(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
  translate(x: number, y: number): void;
  rotate(angle: number): void;
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  font: string;
  textAlign: string;
  textBaseline: string;
}

export interface ScaleView {
  min: number;
  max: number;
  ticks: { value: number; label?: string }[];
  getPixelForValue(value: number): number;
}

export interface ChartView {
  readonly ctx: Context2d;
  readonly width: number;
  readonly height: number;
  readonly chartArea: { left: number; right: number; top: number; bottom: number };
  readonly scales: Record<string, ScaleView>;
  readonly data: { readonly datasets: readonly Dataset[] };
  isDatasetVisible(index: number): boolean;
  getDatasetMeta(index: number): { readonly data: readonly { x: number; y: number }[] };
}

export type Dataset = Record<string, unknown>;
export type Options = Record<string, unknown>;

export interface Plugin {
  readonly id: string;
  beforeDraw?(chart: ChartView): void;
  beforeDatasetsDraw?(chart: ChartView): void;
  afterDatasetsDraw?(chart: ChartView): void;
}

/** What is handed to `new Chart(context, config)`. */
export interface ChartConfig {
  readonly type: string;
  readonly data: { readonly labels?: readonly string[]; readonly datasets: readonly Dataset[] };
  readonly options: Options;
  readonly plugins: readonly Plugin[];
}
