/** An attack report as JSON and as a matrix for a terminal. */
import { allOperations } from '../protocol/operations/index.ts';
import { attackNames, attacks, type AttackName } from './attacks.ts';
import type { AttackReport, Deviation, Finding } from './run.ts';
import type { Layer, Scheme } from './types.ts';

/** One attack that is admitted on one operation, over versions and targets. */
export interface AdmittedSummary {
  readonly operation: string;
  readonly attack: AttackName;
  /** What the scheme does not cover; `unexpected` when nothing explains it. */
  readonly reason: string;
  readonly layer: Layer;
  readonly versions: readonly number[];
  /** Operations that were reached. */
  readonly targets: readonly string[];
  readonly attempts: number;
  /** How many of them also did something; the others were stopped by state, or are not served. */
  readonly executed: number;
}

export interface AttackSummary {
  readonly scheme: Scheme;
  /** Operations that take a signature, all of which were attacked. */
  readonly operations: number;
  readonly attempts: number;
  readonly admitted: readonly AdmittedSummary[];
  /** Where the admitted set differs from the expected one, either way. */
  readonly deviations: readonly Deviation[];
  /** Operations by the layer they were tried at. */
  readonly layers: Readonly<Record<Layer, readonly string[]>>;
  /** Operations without a signature: there is no authentication to capture. */
  readonly unsigned: readonly string[];
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

function admittedOf(operation: string, attack: AttackName, findings: readonly Finding[]) {
  const admitted = findings.flatMap((finding) => finding.admitted);
  const [first] = findings;
  if (first === undefined || admitted.length === 0) return [];
  const reasons = distinct(admitted.map(({ reason }) => reason ?? 'unexpected'));
  const summary: AdmittedSummary = {
    operation,
    attack,
    reason: reasons.join('; '),
    layer: first.layer,
    versions: distinct(
      findings.filter((finding) => finding.admitted.length > 0).map(({ version }) => version),
    ).sort(),
    targets: distinct(admitted.map(({ target }) => target)).sort(),
    attempts: admitted.length,
    executed: admitted.filter(({ executed }) => executed).length,
  };
  return [summary];
}

/** The report as `--json` prints it. */
export function summarise(report: AttackReport): AttackSummary {
  const { scheme, operations, attempts, findings, deviations } = report;
  const select = (operation: string, attack?: AttackName): readonly Finding[] =>
    findings.filter(
      (finding) =>
        finding.operation === operation && (attack === undefined || finding.attack === attack),
    );
  const inLayer = (layer: Layer): string[] =>
    operations.filter((operation) => select(operation)[0]?.layer === layer);
  return {
    scheme,
    operations: operations.length,
    attempts,
    admitted: operations.flatMap((operation) =>
      attackNames.flatMap((attack) => admittedOf(operation, attack, select(operation, attack))),
    ),
    deviations,
    layers: { service: inLayer('service'), authentication: inLayer('authentication') },
    unsigned: allOperations
      .filter(({ senders }) => senders.length === 0)
      .map(({ service, name }) => `${service}/${name}`),
  };
}

/** `.` refused, `A` admitted and executed, `a` admitted but not executed, `-` nothing to try. */
function cell(findings: readonly Finding[]): string {
  if (findings.length === 0) return '-';
  const admitted = findings.flatMap((finding) => finding.admitted);
  if (admitted.some(({ reason }) => reason === undefined)) return '!';
  if (admitted.some(({ executed }) => executed)) return 'A';
  return admitted.length > 0 ? 'a' : '.';
}

const legend = [
  '.  refused',
  'A  admitted, and the operation was executed',
  'a  admitted by authentication, but not executed: its state refused, or it is not served yet',
  '!  admitted although nothing that the scheme leaves open explains it',
  '-  nothing to try: no such version, no other body, no signed offer',
  '*  not served yet: authentication is real, with the key in a record of its own; nothing is run',
];

/** Operations by attacks, with a legend. Ends with a newline. */
export function formatMatrix(report: AttackReport): string {
  const { scheme, operations, attempts, findings, deviations } = report;
  const label = (operation: string): string =>
    findings.find((finding) => finding.operation === operation)?.layer === 'service'
      ? operation
      : `${operation} *`;
  const width = Math.max(...operations.map((operation) => label(operation).length));
  const numbers = attackNames.map((_, index) => String(index + 1).padStart(2));
  const rows = operations.map((operation) => {
    const cells = attackNames.map((attack) =>
      cell(findings.filter((f) => f.operation === operation && f.attack === attack)).padStart(2),
    );
    return `${label(operation).padEnd(width)}  ${cells.join(' ')}`;
  });
  const admitted = summarise(report).admitted;
  return [
    `Scheme ${scheme}: ${operations.length} operations, ${attempts} attempts, ` +
      `${admitted.length} admitted pairs of operation and attack`,
    '',
    `${''.padEnd(width)}  ${numbers.join(' ')}`,
    ...rows,
    '',
    ...attackNames.map((name, index) => `${numbers[index]}  ${name}: ${attacks[name].summary}`),
    '',
    ...legend,
    ...reasonsOf(admitted),
    ...formatDeviations(deviations),
    '',
  ].join('\n');
}

function reasonsOf(admitted: readonly AdmittedSummary[]): string[] {
  if (admitted.length === 0) return [];
  const lines = distinct(admitted.map(({ attack, reason }) => `  ${attack}: ${reason}`));
  return ['', 'Why they are admitted:', ...lines];
}

function formatDeviations(deviations: readonly Deviation[]): string[] {
  if (deviations.length === 0) return ['', 'The admitted set is exactly the expected one.'];
  return [
    '',
    `${deviations.length} deviations from what the scheme is expected to admit:`,
    ...deviations.map(
      ({ kind, operation, version, attack, target, code }) =>
        `  ${kind}: ${operation} v${version}, ${attack}, to ${target}: ${code}`,
    ),
  ];
}
