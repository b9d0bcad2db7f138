/**
 * ts-mls with its own provider against ts-mls with ours, in one process, by turns:
 *
 *     node workloads/bench/mls.bench.ts [--members 2,8,32,128] [--suites 1,2,61453] [--rounds 9]
 *
 * Three sides: `published` (the library as it is, default provider), `default` (the mended
 * library, default provider) and `ours` (the mended library, node:crypto). All work on the very
 * same group: states are bytes and do not care who computed them. Every member has committed
 * once, so the tree is full. Prints the median CPU milliseconds (threads included), and by how
 * much ours is faster, in CPU time and in wall time. Machine and load change the figures, the
 * ratios hardly.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import * as published from 'ts-mls';
import type { ClientState, CiphersuiteImpl, MlsContext } from 'ts-mls';
import { mls } from '../../src/mls/library/index.ts';
import { nodeCryptoProvider } from '../../src/mls/provider.ts';

type Library = typeof published;

interface Side {
  readonly name: 'published' | 'default' | 'ours';
  readonly library: Library;
  readonly context: MlsContext;
}

interface Member {
  readonly publicPackage: published.KeyPackage;
  readonly privatePackage: published.PrivateKeyPackage;
}

type Step = () => Promise<unknown>;

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '2,8,32,128' },
    suites: { type: 'string', default: '1,2,61453' },
    rounds: { type: 'string', default: '9' },
  },
});
const numbers = (text: string): number[] => text.split(',').map(Number);
const rounds = Number(values.rounds);

const names = Object.fromEntries(
  Object.entries(mls.ciphersuites).map(([name, number]) => [number, name]),
) as Record<number, published.CiphersuiteName>;

async function sidesOf(suite: number): Promise<readonly Side[]> {
  const { clientConfig, authService } = {
    clientConfig: undefined,
    authService: published.unsafeTestingAuthenticationService,
  };
  const contextOf = (cipherSuite: CiphersuiteImpl): MlsContext => ({
    cipherSuite,
    authService,
    ...(clientConfig === undefined ? {} : { clientConfig }),
  });
  const name = names[suite]!;
  const ours = await nodeCryptoProvider().getCiphersuiteImpl(suite);
  return [
    {
      name: 'published',
      library: published,
      context: contextOf(await published.getCiphersuiteImpl(name)),
    },
    { name: 'default', library: mls, context: contextOf(await mls.getCiphersuiteImpl(name)) },
    { name: 'ours', library: mls, context: contextOf(ours) },
  ];
}

async function newMember({ library, context }: Side, index: number): Promise<Member> {
  const { cipherSuite } = context;
  const identity = new Uint8Array(16);
  new DataView(identity.buffer).setUint32(0, index);
  return library.generateKeyPackage({
    credential: { credentialType: library.defaultCredentialTypes.basic, identity },
    capabilities: {
      versions: [library.protocolVersions.mls10],
      ciphersuites: [cipherSuite.id],
      extensions: [],
      proposals: [],
      credentials: [library.defaultCredentialTypes.basic],
    },
    lifetime: { notBefore: 0n, notAfter: 2n ** 62n },
    extensions: [],
    cipherSuite,
  });
}

const addOf = ({ publicPackage }: Member) => ({
  proposalType: mls.defaultProposalTypes.add,
  add: { keyPackage: publicPackage },
});

interface FullGroup {
  readonly members: readonly Member[];
  /** State of the last member, with all its private keys. */
  readonly state: ClientState;
  /** Private keys by node, for whoever's path holds the node. */
  readonly keys: Readonly<Record<number, Uint8Array>>;
}

/**
 * A group in which everybody has committed. Members of one epoch differ in their private keys
 * only, and a committer needs none but its signature key, so one state serves all.
 */
async function fullGroup(side: Side, size: number): Promise<FullGroup> {
  const { context } = side;
  const members = await Promise.all(Array.from({ length: size }, (_, i) => newMember(side, i)));
  const [creator, ...others] = members as [Member, ...Member[]];
  let state = await mls.createGroup({
    context,
    groupId: new Uint8Array(16),
    keyPackage: creator.publicPackage,
    privateKeyPackage: creator.privatePackage,
  });
  const adding = { context, state, extraProposals: others.map(addOf) };
  state = (await mls.createCommit(adding)).newState;
  const keys: Record<number, Uint8Array> = {};
  for (const [leafIndex, { privatePackage }] of members.entries()) {
    const acting = actingAs(state, leafIndex, privatePackage, {});
    state = (await mls.createCommit({ context, state: acting })).newState;
    Object.assign(keys, state.privatePath.privateKeys);
  }
  return { members, state, keys };
}

function actingAs(
  state: ClientState,
  leafIndex: number,
  { signaturePrivateKey }: published.PrivateKeyPackage,
  keys: Readonly<Record<number, Uint8Array>>,
): ClientState {
  const privateKeys: Record<number, Uint8Array> = {};
  for (const [node, key] of Object.entries(keys)) {
    const at = Number(node);
    const isAncestor = covers(at, 2 * leafIndex);
    if (isAncestor) privateKeys[at] = key;
  }
  const historicalReceiverData = new Map();
  const privatePath = { leafIndex, privateKeys };
  return { ...state, signaturePrivateKey, privatePath, historicalReceiverData };
}

/** Whether node `above` is `leaf` or an ancestor of it, in the array form of RFC 9420, appendix C. */
function covers(above: number, leaf: number): boolean {
  const height = 31 - Math.clz32(~above & (above + 1));
  const reach = (1 << height) - 1;
  return leaf >= above - reach && leaf <= above + reach;
}

type Measured = Record<Side['name'], { cpu: number[]; wall: number[] }>;

/** Runs every side's step once per round, in turn, after one round that does not count. */
async function measure(
  sides: readonly Side[],
  stepOf: (side: Side) => Step,
  times: number,
): Promise<Measured> {
  const result = Object.fromEntries(
    sides.map(({ name }) => [name, { cpu: [], wall: [] }]),
  ) as unknown as Measured;
  const steps = sides.map((side) => [side.name, stepOf(side)] as const);
  for (let round = -1; round < rounds; round++) {
    for (const [name, step] of steps) {
      const cpu = process.cpuUsage();
      const started = performance.now();
      for (let i = 0; i < times; i++) await step();
      if (round < 0) continue;
      const used = process.cpuUsage(cpu);
      result[name].cpu.push((used.user + used.system) / 1_000 / times);
      result[name].wall.push((performance.now() - started) / times);
    }
  }
  return result;
}

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;

function report(suite: number, size: number, operation: string, measured: Measured): void {
  const cpu = (name: Side['name']) => median(measured[name].cpu);
  const wall = (name: Side['name']) => median(measured[name].wall);
  const ratio = (name: Side['name']) => `${(cpu(name) / cpu('ours')).toFixed(1)}x`.padStart(8);
  const columns = [
    `0x${suite.toString(16).padStart(4, '0')}`,
    String(size).padStart(5),
    operation.padEnd(12),
    ...(['published', 'default', 'ours'] as const).map((n) => cpu(n).toFixed(3).padStart(10)),
    ratio('published'),
    ratio('default'),
    `${(wall('published') / wall('ours')).toFixed(1)}x`.padStart(8),
  ];
  console.log(columns.join(' '));
}

async function benchmark(suite: number, size: number): Promise<void> {
  const sides = await sidesOf(suite);
  const own = sides.find((side) => side.name === 'ours')!;
  const group = await fullGroup(own, size);
  const { context } = own;
  const few = size >= 128 ? 1 : 4;
  const last = size - 1;
  const sender = actingAs(group.state, 0, group.members[0]!.privatePackage, group.keys);
  const receiver = actingAs(group.state, last, group.members[last]!.privatePackage, group.keys);

  const creating = ({ library, context }: Side): Step => {
    return () => library.createCommit({ context, state: sender, wireAsPublicMessage: true });
  };
  report(suite, size, 'commit', await measure(sides, creating, few));

  const made = await mls.createCommit({ context, state: sender, wireAsPublicMessage: true });
  const processing = ({ library, context }: Side): Step => {
    return () => library.processMessage({ context, state: receiver, message: made.commit });
  };
  report(suite, size, 'process', await measure(sides, processing, few));
  report(suite, size, 'application', await measure(sides, talking(sender, receiver), 8));

  const joiner = await newMember(own, size);
  const adding = { context, state: sender, extraProposals: [addOf(joiner)] };
  const { welcome } = await mls.createCommit({ ...adding, ratchetTreeExtension: true });
  const joining = ({ library, context }: Side): Step => {
    const keys = { keyPackage: joiner.publicPackage, privateKeys: joiner.privatePackage };
    return () => library.joinGroup({ context, welcome: welcome!.welcome, ...keys });
  };
  report(suite, size, 'join', await measure(sides, joining, few));
}

/** One application message of 32 bytes: encrypted by one member and decrypted by another. */
function talking(sender: ClientState, receiver: ClientState): (side: Side) => Step {
  const text = new Uint8Array(32).fill(7);
  return ({ library, context }) => {
    let from = sender;
    let to = receiver;
    return async () => {
      const sent = await library.createApplicationMessage({ context, state: from, message: text });
      const message = sent.message;
      const got = await library.processMessage({ context, state: to, message });
      from = sent.newState;
      to = got.newState;
    };
  };
}

console.log(`Node ${process.version}, ${availableParallelism()} cores, median of ${rounds} rounds`);
console.log(
  'suite      n operation     published    default       ours   CPU:pub   :def   wall:pub',
);
for (const suite of numbers(values.suites)) {
  const sides = await sidesOf(suite);
  let index = 0;
  const packing = (side: Side): Step => {
    return () => newMember(side, index++);
  };
  report(suite, 1, 'KeyPackage', await measure(sides, packing, 20));
  for (const size of numbers(values.members)) await benchmark(suite, size);
}
