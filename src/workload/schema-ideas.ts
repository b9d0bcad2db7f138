/** Schema of the sections that one scenario each reads. */
import { choice, distribution, integer, integerOr, quantity, share } from './fields.ts';
import { section } from './schema-world.ts';
import { wakePresets } from './types-ideas.ts';

const day = 86_400_000;
const maxRate = { min: 0, max: 1000 };
const members = { dimension: 'count', min: 2, max: 100_000 } as const;

export const spam = section('Floods: attackers, wanted groups, users, devices (spam-flood).', {
  adds: quantity('rate', 'Rate at which a victim is added to groups of attackers.', {
    min: 0,
    max: 1,
  }).prefault('4/d'),
  groupSize: distribution(
    "Members of an attacker's group; each renews its leaf once a day (deployed client).",
    members,
  ).prefault('500'),
  messages: quantity('rate', "Application messages of an attacker's group.", maxRate).prefault(
    '2000/d',
  ),
  messageSize: distribution("Plaintext size of a message in an attacker's group.", {
    dimension: 'size',
    max: 10_000_000,
  }).prefault('2 kB'),
  unknownSource: share(
    "Share of attackers' groups on homeservers that the victim's has not met before.",
  ).prefault('50 %'),
  backlog: integer("Messages of one attacker's group that wait in each queue at the start.", {
    min: 0,
    max: 10_000_000,
  }).prefault(0),
  clubs: quantity('count', 'Large groups that a client wants, on average.', {
    min: 0,
    max: 100,
  }).prefault(0.3),
  clubSize: distribution('Members of a club.', members).prefault(
    'lognormal(median 100, sigma 0.8)',
  ),
  clubMessages: distribution(
    'Application messages of a club per day (busy public groups, Caetano 2018: mean 119).',
    { dimension: 'count', max: 1_000_000 },
  ).prefault('lognormal(median 72, sigma 1)'),
  wantedUnknownSource: share(
    "Share of wanted groups on homeservers that the client's has not met before.",
  ).prefault('5 %'),
  familiar: share(
    'Share of the wanted groups at the start that the user has accepted expressly.',
  ).prefault('80 %'),
  invitations: quantity('rate', 'Rate at which a client is added to new groups it wants.', {
    min: 0,
    max: 1,
  }).prefault('0.3/d'),
  decides: share(
    'Probability that a user decides about a group that a session has shown.',
  ).prefault('50 %'),
  wakes: choice(
    wakePresets,
    'Background wakes: 30 s at 2.5/h (iOS), 180 s at 10/d or 120 s at 5/d (Android buckets).',
  ).prefault('ios'),
  ruleRate: quantity(
    'rate',
    'Messages of one group above which `rate-cap` refuses and `categories` parks.',
    { above: 0, max: 1000 },
  ).prefault('30/h'),
  ruleSize: integer('Members from which on `categories` parks a group.', {
    min: 2,
    max: 1_000_000,
  }).prefault(256),
});

export const replay = section('Captured requests, clocks and replay caches (replay-attack).', {
  activity: quantity('count', "Factor on the frequencies of a normal client's operations.", {
    above: 0,
    max: 10_000,
  }).prefault(1),
  capture: share('Share of requests that the attacker captures.').prefault('1 %'),
  attempts: integer('Replays of each captured request.', { min: 0, max: 1000 }).prefault(5),
  delay: distribution('Time between a request and a replay of it.', {
    dimension: 'duration',
  }).prefault('uniform(0 s, 2 h)'),
  skew: distribution("Size of a client's clock error; its sign is drawn.", {
    dimension: 'duration',
  }).prefault('lognormal(median 2 s, sigma 2)'),
  window: quantity(
    'duration',
    'Skew allowed either way; outside of `token` also the greatest age of a request.',
    { above: 0, max: day },
  ).prefault('5 min'),
  tokenAge: quantity('duration', 'Greatest age of a token (specification: 1 h).', {
    above: 0,
    max: 90 * day,
  }).prefault('1 h'),
  restarts: quantity('rate', 'Rate at which a homeserver restarts and loses its replay cache.', {
    min: 0,
    max: 1,
  }).prefault('1/d'),
  afterRestart: choice(
    ['refuse-older', 'forget'],
    'Whether a restarted homeserver refuses what an earlier life may have admitted.',
  ).prefault('refuse-older'),
  cacheEntries: integerOr(
    'unlimited',
    'Entries of one generation of the replay cache, beyond which it refuses requests.',
    { min: 1, max: 1_000_000_000 },
  ).prefault('unlimited'),
});

export const rollout = section('How version 2 spreads (version-rollout).', {
  homeserverUpgrade: distribution(
    'When homeservers begin to speak version 2, counted from the start of the run.',
    { dimension: 'duration' },
  ).prefault('uniform(0 d, 5 d)'),
  clientUpgrade: distribution('When clients begin to speak version 2.', {
    dimension: 'duration',
  }).prefault('lognormal(median 3 d, sigma 0.6)'),
  leafUpdate: quantity(
    'duration',
    'A client renews its leaf in every group this often (deployed client: 1 d).',
    { above: 0, max: 90 * day },
  ).prefault('1 d'),
  ttl: quantity('duration', 'How long a well-known document is fresh; at most 48 h count.', {
    min: 60_000,
    max: 90 * day,
  }).prefault('24 h'),
  jitter: share('Share of the time to live that is drawn at random, downwards.').prefault('0 %'),
  outageStart: quantity('duration', 'When homeservers lose each other.', {
    min: 0,
    max: 104 * day,
  }).prefault('0 s'),
  outageLength: quantity('duration', 'For how long they do; 0 s for never.', {
    min: 0,
    max: 104 * day,
  }).prefault('0 s'),
  dropV1: quantity('duration', 'A homeserver refuses version 1 this long after its upgrade.', {
    min: 0,
    max: 104 * day,
  }).prefault('104 d'),
  rollback: share(
    'Share of homeservers that return to version 1 once, a day after their upgrade.',
  ).prefault('0 %'),
  rollbackLength: quantity('duration', 'How long they then stay at version 1.', {
    min: 0,
    max: 90 * day,
  }).prefault('12 h'),
  requests: quantity('rate', 'Requests of a client to other homeservers.', {
    above: 0,
    max: 1000,
  }).prefault('1/d'),
  tampered: share('Share of answers that somebody replaces by a refusal of version 2.').prefault(
    '0.1 %',
  ),
});

/** The sections as they are when a file says nothing of them. */
export const ideaDefaults = {
  spam: spam.parse({}),
  replay: replay.parse({}),
  rollout: rollout.parse({}),
} as const;
