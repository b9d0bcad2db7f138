/** Random histories for the tests: drawn as numbers, made valid when they run. */
import * as fc from 'fast-check';
import type { Proposal, RatchetTree } from '../ratchet-tree.ts';

/** A step as drawn; `actor` and `leaf` choose among the members that exist when it runs. */
export interface Step {
  readonly kind: 'update' | 'mixed' | 'add-without-path';
  readonly actor: number;
  readonly picks: readonly Pick[];
}

interface Pick {
  readonly type: Proposal['type'];
  readonly leaf: number;
  readonly byReference: boolean;
}

/** A step made valid for a tree. */
export interface Move {
  readonly actor: number;
  readonly proposals: readonly (Proposal & { readonly byReference?: boolean })[];
  readonly path: 'always' | 'when-required';
}

const any = fc.nat({ max: 1_000_000 });

/**
 * Mostly small commits, now and then one with up to `most` proposals. Removals prevail in some
 * histories and additions in others, so that trees shrink to one member and double several times.
 */
export function stepArbitrary(most: number): fc.Arbitrary<Step[]> {
  const weights = fc.constantFrom(
    ['update', 'remove', 'add'] as const,
    ['update', 'remove', 'remove', 'remove', 'add'] as const,
    ['update', 'remove', 'add', 'add', 'add'] as const,
  );
  return weights.chain((types) => {
    const pick = fc.record({
      type: fc.constantFrom<Proposal['type']>(...types),
      leaf: any,
      byReference: fc.boolean(),
    });
    const few = fc.array(pick, { minLength: 1, maxLength: 2 });
    const many = fc.array(pick, { minLength: 3, maxLength: most });
    const step = fc.record({
      kind: fc.constantFrom<Step['kind']>('update', 'mixed', 'mixed', 'mixed', 'add-without-path'),
      actor: any,
      picks: fc.oneof({ arbitrary: few, weight: 2 }, { arbitrary: many, weight: 1 }),
    });
    return fc.array(step, { minLength: 6, maxLength: 14, size: 'max' });
  });
}

/** Chooses members for a step: proposals that would break a rule of section 12.2 are left out. */
export function toMove(step: Step, tree: RatchetTree): Move {
  const members = Array.from({ length: tree.slots }, (_, leaf) => leaf).filter((leaf) =>
    tree.isMember(leaf),
  );
  const choose = (number: number): number => members[number % members.length]!;
  const actor = choose(step.actor);
  if (step.kind === 'update') return { actor, proposals: [], path: 'always' };
  if (step.kind === 'add-without-path') {
    const proposals = step.picks.map((p) => ({ type: 'add', byReference: p.byReference }) as const);
    return { actor, proposals, path: 'when-required' };
  }
  const used = new Set([actor]);
  const proposals: Proposal[] = [];
  for (const { type, leaf, byReference } of step.picks) {
    const target = choose(leaf);
    if (type === 'add') proposals.push({ type, byReference });
    else if (used.has(target)) continue;
    else if (type === 'update') proposals.push({ type, proposer: target });
    else proposals.push({ type, target, byReference });
    if (type !== 'add') used.add(target);
  }
  // A commit by value follows what came by reference, as in the encoding of ts-mls.
  const late = (p: Proposal): number => (p.type === 'update' || p.byReference === true ? 0 : 1);
  return { actor, proposals: proposals.toSorted((a, b) => late(a) - late(b)), path: 'always' };
}
