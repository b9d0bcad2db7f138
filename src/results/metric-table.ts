/** The form of a table of metrics. */

/** Which value an operator wants; `none` when the metric describes the world. */
type Direction = 'lower' | 'higher' | 'none';

export interface MetricDefinition {
  readonly unit: string;
  readonly better: Direction;
  readonly description: string;
  readonly formula: string;
}

export interface ObservableDefinition {
  readonly unit: string;
  readonly description: string;
}

type Row = readonly [unit: string, better: Direction, description: string, formula: string];

export function table<const Name extends string>(
  rows: Readonly<Record<Name, Row>>,
): Readonly<Record<Name, MetricDefinition>> {
  const entries = Object.entries<Row>(rows).map(
    ([name, [unit, better, description, formula]]) =>
      [name, { unit, better, description, formula }] as const,
  );
  return Object.fromEntries(entries) as Record<Name, MetricDefinition>;
}
