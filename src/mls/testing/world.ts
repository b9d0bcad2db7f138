/** A group in a test: members by name, every commit processed by all the others. */
import { seededRandom } from '../../crypto/random.ts';
import {
  commit,
  createGroup,
  createKeyPackage,
  describe,
  joinByWelcome,
  mlsEnvironment,
  processMessage,
  type CommitParams,
  type MemberCommit,
  type MemberState,
  type MlsEnvironment,
  type OwnKeyPackage,
} from '../index.ts';

export const suiteNumbers = [0x0001, 0x0002, 0x0003, 0xf00d] as const;
export const lifetime = { notBefore: 0n, notAfter: 2n ** 40n };
export const groupId = new Uint8Array(16).fill(9);

export const testEnvironment = (seed: string): MlsEnvironment =>
  mlsEnvironment({ nowSeconds: () => 1_000n, random: seededRandom(seed), reproducible: true });

export const identity = (name: string) => ({ type: 1, content: new TextEncoder().encode(name) });

export class TestGroup {
  readonly environment: MlsEnvironment;
  readonly suite: number;
  readonly states = new Map<string, MemberState>();

  constructor(environment: MlsEnvironment, suite: number) {
    this.environment = environment;
    this.suite = suite;
  }

  static async of(suite: number, names: readonly string[], seed = 'seed'): Promise<TestGroup> {
    const group = new TestGroup(testEnvironment(`${seed} ${suite}`), suite);
    const [first, ...others] = names;
    const own = await group.keyPackage(first!);
    group.states.set(first!, await createGroup(group.environment, { groupId, own }));
    if (others.length > 0) await group.add(first!, others);
    return group;
  }

  keyPackage(name: string, suite = this.suite): Promise<OwnKeyPackage> {
    return createKeyPackage(this.environment, { suite, credential: identity(name), lifetime });
  }

  state(name: string): MemberState {
    return this.states.get(name)!;
  }

  async add(by: string, names: readonly string[]): Promise<MemberCommit> {
    const owns = await Promise.all(names.map((name) => this.keyPackage(name)));
    const proposals = owns.map((own) => ({ kind: 'add', keyPackage: own.keyPackage }) as const);
    const made = await this.commit(by, { proposals, treeInWelcome: true });
    for (const [i, name] of names.entries()) {
      const welcome = made.welcome!;
      const own = owns[i]!;
      this.states.set(name, await joinByWelcome(this.environment, { welcome, own }));
    }
    return made;
  }

  /** Commits and lets everybody else process it; members that it removes leave the world. */
  async commit(by: string, params: CommitParams = {}): Promise<MemberCommit> {
    const made = await commit(this.environment, this.state(by), params);
    await this.deliver(made.commit, by);
    this.states.set(by, made.state);
    return made;
  }

  async deliver(message: Uint8Array, from: string): Promise<void> {
    for (const [name, state] of this.states) {
      if (name === from) continue;
      const result = await processMessage(this.environment, state, message);
      if (result.kind === 'removed') this.states.delete(name);
      else this.states.set(name, result.state);
    }
  }

  authenticators(): string[] {
    const all = [...this.states.values()].map((state) =>
      Buffer.from(describe(state).epochAuthenticator).toString('hex'),
    );
    return [...new Set(all)];
  }
}
