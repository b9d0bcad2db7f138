/**
 * Schema of the sections that describe the simulated world. Defaults are those of a small
 * federation with published figures where there are any; each sentence names the source.
 */
import * as z from 'zod';
import { bindArguments, parseArgument, parseCall, type Parameter } from './call.ts';
import { parseDistribution } from './distribution.ts';
import {
  choice,
  distribution,
  fieldInfo,
  integer,
  integerOr,
  parseChoice,
  quantity,
  retryPolicy,
  share,
  special,
} from './fields.ts';
import { suiteIds } from '../suites/ids.ts';
import { spamPolicies } from './types-ideas.ts';
import { regions, type Region, type Traffic } from './types.ts';
import { ValueError, shown } from './value-error.ts';

/** A mapping with known keys only. */
export function section<Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) {
  const schema = z.strictObject(shape);
  return schema.register(fieldInfo, {
    type: 'section',
    unit: '',
    range: '',
    description,
    json: {},
  });
}

const regionShare = (name: string) =>
  share(`Share of the homeservers (by clients) in ${name}.`).exactOptional();

const regionNames: Readonly<Record<Region, string>> = {
  NA: 'North America',
  EU: 'Europe',
  AP: 'Asia and Pacific',
  JP: 'Japan',
  SA: 'South America',
  AU: 'Australia',
};

const regionShape = Object.fromEntries(
  regions.map((region) => [region, regionShare(regionNames[region])]),
) as Record<Region, ReturnType<typeof regionShare>>;

const sessions = section('When clients are online.', {
  length: distribution(
    'Length of one online session (lognormal fit of app sessions, Boehmer 2011: mean 72 s).',
    { dimension: 'duration' },
  ).prefault('lognormal(median 30 s, sigma 1.3)'),
  offline: share(
    'Long-run share of time that a client is offline; the mean gap between sessions follows.',
    { min: 0, max: 0.999 },
  ).prefault('80 %'),
});

export const population = section('Who takes part.', {
  homeservers: integer('Number of homeservers in the federation.', {
    min: 1,
    max: 100_000,
  }).prefault(100),
  clients: integer('Number of clients over all homeservers.', {
    min: 1,
    max: 20_000_000,
  }).prefault(10_000),
  skew: distribution(
    'Homeserver sizes by rank: `zipf(s)`, or `constant(1)` for equal ones (Mastodon: s 1.1 to 1.3).',
    { dimension: 'count', kinds: ['zipf', 'constant'] },
  ).prefault('zipf(1.2)'),
  regions: section(
    'Share of homeservers (by clients) per region, with sum 1 (node shares of SimBlock 2019).',
    regionShape,
  ).prefault({ NA: '33 %', EU: '50 %', AP: '12 %', JP: '2 %', SA: '1 %', AU: '2 %' }),
  sessions: sessions.prefault({}),
});

export const groups = section('Which groups there are.', {
  perClient: quantity(
    'count',
    'Mean number of groups that a client is in (fan-out); 10 when `count` is absent too.',
    { above: 0, max: 10_000 },
  ).exactOptional(),
  count: integer('Number of groups (commit-throughput); 1 when `perClient` is absent too.', {
    min: 1,
    max: 20_000_000,
  }).exactOptional(),
  size: distribution(
    'Members of a group (WhatsApp 2019: 90 % of messages are 1:1, most groups have fewer than 10).',
    { dimension: 'count', min: 1 },
  ).prefault('empirical(2: 90 %, 5: 6 %, 10: 3 %, 50: 1 %)'),
  locality: share(
    "Probability that a member is drawn from the host's own homeserver, not from anywhere.",
  ).prefault('30 %'),
});

const diurnalParameters: readonly Parameter[] = [
  { label: 'peakToMean', dimension: 'count', min: 1, max: 24 },
  { label: 'troughToMean', dimension: 'count', min: 0, max: 1 },
];
const diurnalExample = 'raised-cosine(peakToMean 2, troughToMean 0.15)';

function parseDiurnal(raw: unknown): Traffic['diurnal'] {
  if (raw === 'flat') return raw;
  const values =
    typeof raw === 'object' && raw !== null
      ? diurnalFromMapping(raw as Record<string, unknown>)
      : diurnalFromText(raw);
  return { peakToMean: values['peakToMean'] ?? 1, troughToMean: values['troughToMean'] ?? 1 };
}

function diurnalFromText(raw: unknown): Readonly<Record<string, number>> {
  const call = typeof raw === 'string' ? parseCall(raw, diurnalExample) : undefined;
  if (call?.name !== 'raised-cosine') {
    throw new ValueError(
      `${shown(raw)} is no daily rhythm`,
      `write \`flat\`, \`${diurnalExample}\``,
    );
  }
  return bindArguments(call, diurnalParameters, diurnalExample);
}

function diurnalFromMapping(raw: Record<string, unknown>): Readonly<Record<string, number>> {
  const labels = diurnalParameters.map(({ label }) => label);
  if (Object.keys(raw).toSorted().join() !== labels.join()) {
    const remedy = 'write `{ peakToMean: 2, troughToMean: 0.15 }`';
    throw new ValueError('a daily rhythm has the keys `peakToMean` and `troughToMean`', remedy);
  }
  return Object.fromEntries(
    diurnalParameters.map((one) => [one.label, parseArgument(raw[one.label], one)]),
  );
}

export const traffic = section('Application messages.', {
  receivedPerClient: quantity(
    'rate',
    'Messages that a client receives on average (median notifications, Pielot 2018: 56/d).',
    { min: 0, max: 1000 },
  ).prefault('56/d'),
  size: distribution('Plaintext size of a message.', {
    dimension: 'size',
    max: 100_000_000,
  }).prefault('lognormal(median 200 B, sigma 1)'),
  diurnal: special(parseDiurnal, {
    type: 'daily rhythm',
    unit: '',
    range: `\`flat\` or \`${diurnalExample}\``,
    description:
      "Rate over the day in each region's time zone: peak/mean (1.8 to 2.2) and trough/mean " +
      '(0.1 to 0.2).',
    json: {
      type: ['string', 'object'],
      pattern: String.raw`^(?:flat|raised-cosine\(.*\))$`,
      properties: { peakToMean: { type: 'number' }, troughToMean: { type: 'number' } },
    },
  }).prefault('flat'),
  receipts: choice(
    ['off', 'to-sender', 'to-group'],
    'Delivery receipts: none, to the sender, or to the whole group (as deployed).',
  ).prefault('off'),
});

export const commits = section('Who commits, and what happens to losers.', {
  contenders: integer('Members per group that want to commit.', {
    min: 1,
    max: 100_000,
  }).prefault(10),
  ratePerContender: quantity(
    'rate',
    'Rate at which each contender wants to commit, whether or not earlier wishes came true.',
    { above: 0, max: 1000 },
  ).prefault('1/min'),
  operation: choice(
    ['update', 'add-remove'],
    'What a commit does: a self-update, or adding and removing members in turn.',
  ).prefault('update'),
  staleness: distribution(
    'Extra time between learning an epoch and sending a commit for it (sleep, batching).',
    { dimension: 'duration' },
  ).prefault('constant(0 ms)'),
  retry: retryPolicy(
    'What a client does after a rejected commit (deployed client: 5 attempts 5 s apart).',
  ).prefault('fixed(delay 5 s, attempts 5)'),
  tree: choice(
    ['bulk', 'healed'],
    'Ratchet tree at the start: freshly built with blank parents, or fully populated.',
  ).prefault('healed'),
});

/** `0x0001` is a number to YAML; a number that comes from elsewhere is taken for the same suite. */
function parseSuite(raw: unknown): (typeof suiteIds)[number] {
  const spelling =
    typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 0
      ? `0x${raw.toString(16).padStart(4, '0')}`
      : String(raw).toLowerCase();
  return parseChoice(spelling, suiteIds);
}

export const policy = section('Settings of the seven ideas.', {
  queueConfig: choice(
    ['sealed', 'plain-when-local'],
    'Whether a queue config is sealed also where its queue is on the homeserver that reads it.',
  ).prefault('sealed'),
  forwarding: choice(
    ['per-homeserver', 'per-recipient'],
    'Federation sends one request per destination homeserver, or one per recipient.',
  ).prefault('per-homeserver'),
  spam: choice(
    spamPolicies,
    'Lanes of a queue: one for all, blocked groups, a cap per group, parked groups, consent first.',
  ).prefault('off'),
  auth: choice(
    ['token', 'reencoded', 'raw'],
    'What request signatures cover: a time stamp, the request encoded again, or its raw bytes.',
  ).prefault('token'),
  suite: special(parseSuite, {
    type: 'choice',
    unit: '',
    range: suiteIds.map((id) => `\`${id}\``).join(', '),
    description: 'MLS ciphersuite of all groups; 0xf00d is the post-quantum hybrid X-Wing.',
    json: { enum: [...suiteIds, ...suiteIds.map(Number)] },
  }).prefault('0x0001'),
});

export const homeserver = section('What a homeserver can do.', {
  cores: integer(
    'Cores of the largest homeserver; others get at least one, in proportion to their clients.',
    { min: 1, max: 4096 },
  ).prefault(4),
  slowdown: quantity(
    'count',
    "Factor on every service time; 2 is half as fast as the calibration's machine.",
    { above: 0, max: 1000 },
  ).prefault(1),
  queueLimit: integerOr(
    'unlimited',
    'Requests waiting in a station beyond which it answers 503 with Retry-After.',
    { min: 1, max: 100_000_000 },
  ).prefault('unlimited'),
  quota: integerOr('unlimited', 'Messages that a client queue holds before it refuses more.', {
    min: 1,
    max: 100_000_000,
  }).prefault(10_000),
});

export const network = section('Links.', {
  access: distribution(
    "One-way delay between a client and its homeserver's region (half a median RTT of 50 ms).",
    { dimension: 'duration', max: 3_600_000 },
  ).prefault('lognormal(median 25 ms, sigma 0.4)'),
  uplink: quantity(
    'bandwidth',
    'Bandwidth from client to homeserver (slow 4G in Lighthouse: 0.75 Mbit/s).',
    { min: 1, max: 1e12 },
  ).prefault('0.75 Mbit/s'),
  downlink: quantity(
    'bandwidth',
    'Bandwidth from homeserver to client (slow 4G in Lighthouse: 1.6 Mbit/s).',
    { min: 1, max: 1e12 },
  ).prefault('1.6 Mbit/s'),
  federation: special(parseFederation, {
    type: '`regions` or distribution of durations',
    unit: 'ms',
    range: 'values from 0 ms to 1 h',
    description:
      'One-way delay between homeservers: half the RTT between their regions (SimBlock 2019), ' +
      'or a distribution.',
    json: {
      type: ['string', 'object'],
      examples: ['regions', '50 ms', 'lognormal(median 50 ms, sigma 0.2)'],
    },
  }).prefault('regions'),
  jitter: quantity(
    'count',
    'Sigma of the lognormal jitter on federation delays (SimBlock 2019: 0.2).',
    { min: 0, max: 3 },
  ).prefault(0.2),
  loss: share('Probability that a request is lost on the access link and sent again.', {
    min: 0,
    max: 0.9,
  }).prefault('0 %'),
});

function parseFederation(raw: unknown) {
  if (raw === 'regions') return raw;
  return parseDistribution(raw, { dimension: 'duration', max: 3_600_000 });
}
