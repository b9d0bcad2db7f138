/**
 * Replays a history on the exact ratchet tree. An operation that RFC 9420 forbids is reported and
 * skipped, so that one pass finds all problems.
 */
import { maxMembers } from '../../sim/model/tree/ratchet-tree.ts';
import type { CommitCost, Proposal, RatchetTree } from '../../sim/model/tree/ratchet-tree.ts';
import type { Problem } from '../errors.ts';
import type { Operation } from './tree-history.ts';

/** One commit of the history with its cost. */
export interface ReplayedCommit {
  readonly line: number;
  readonly actor: number;
  /** For people: `update`, `remove 3`, `2 updates, 1 add`. */
  readonly what: string;
  readonly cost: CommitCost;
}

export interface Replay {
  readonly commits: readonly ReplayedCommit[];
  readonly problems: readonly Problem[];
  /** Proposals that nobody committed. */
  readonly open: readonly Operation[];
}

interface Pending {
  readonly proposal: Proposal;
  readonly from: Operation;
}

/**
 * Applies the operations to the tree, which is changed. A commit takes all open proposals, by
 * reference and in the order in which they were made, and always has a path; so do the operations
 * committed at once, whose own proposal comes last.
 */
export function replayMutable(
  tree: RatchetTree,
  operations: readonly Operation[],
  file: string,
): Replay {
  const problems: Problem[] = [];
  const commits: ReplayedCommit[] = [];
  let open: Pending[] = [];
  for (const operation of operations) {
    const found = problemsOf(operation, tree, open);
    problems.push(...found.map((problem) => ({ file, ...problem })));
    if (found.length > 0) continue;
    const { actor, line } = operation;
    const proposal = toProposal(operation);
    if (proposal !== undefined) open.push({ proposal, from: operation });
    if (operation.op.startsWith('propose-')) continue;
    const proposals = open.map((entry) => entry.proposal);
    const cost = tree.commit(actor, proposals);
    problems.push(...misplaced(open, cost).map((problem) => ({ file, ...problem })));
    commits.push({ line, actor, what: describe(proposals), cost });
    open = [];
  }
  return { commits, problems, open: open.map((entry) => entry.from) };
}

/** The proposal of an operation; undefined for `update` and `commit`, which only bring a path. */
function toProposal(operation: Operation): Proposal | undefined {
  const byReference = operation.op.startsWith('propose-');
  switch (operation.op) {
    case 'propose-update':
      return { type: 'update', proposer: operation.actor };
    case 'add':
    case 'propose-add':
      return { type: 'add', byReference };
    case 'remove':
    case 'propose-remove':
      return { type: 'remove', target: subject(operation), byReference };
    default:
      return undefined;
  }
}

/** The leaf that an operation is about; the parser has seen to the target of removals. */
function subject({ actor, target }: Operation): number {
  return target ?? actor;
}

type Found = Omit<Problem, 'file'>;

/** What RFC 9420 section 12.2 has against an operation, before it is applied. */
function problemsOf(operation: Operation, tree: RatchetTree, open: readonly Pending[]): Found[] {
  const { op, actor, line } = operation;
  const found: Found[] = [];
  const report = (message: string, remedy: string): void =>
    void found.push({ line, message, remedy });
  if (!tree.isMember(actor)) {
    report(`leaf ${actor} is blank, so it cannot ${op}`, membersRemedy(tree));
  }
  const removes = op === 'remove' || op === 'propose-remove';
  const leaf = removes ? subject(operation) : actor;
  if (removes && !tree.isMember(leaf)) {
    report(`leaf ${leaf} is blank, so it cannot be removed`, membersRemedy(tree));
  }
  if (op === 'remove' && leaf === actor) {
    report(
      `leaf ${actor} cannot remove itself in its own commit`,
      'use propose-remove and let another member commit',
    );
  }
  if (op.endsWith('add') && tree.members + addsIn(open) >= maxMembers) {
    report(`a group has at most ${maxMembers} members`, 'remove members before');
  }
  const same = open.find((entry) => leafOf(entry.proposal) === leaf);
  if ((removes || op === 'propose-update') && same !== undefined) {
    report(
      `there is already a proposal for leaf ${leaf}, from line ${same.from.line}`,
      'commit that first, or leave one of the two out',
    );
  }
  if (!op.startsWith('propose-')) {
    for (const entry of open.filter((o) => leafOf(o.proposal) === actor)) {
      const own = entry.proposal.type === 'update' ? 'its own update proposal' : 'its own removal';
      report(
        `leaf ${actor} cannot commit ${own}, from line ${entry.from.line}`,
        'let another member commit it',
      );
    }
  }
  return found;
}

function addsIn(open: readonly Pending[]): number {
  return open.filter((entry) => entry.proposal.type === 'add').length;
}

function leafOf(proposal: Proposal): number | undefined {
  if (proposal.type === 'add') return undefined;
  return proposal.type === 'update' ? proposal.proposer : proposal.target;
}

/** Adds whose expected leaf is not the one where section 7.7 places them. */
function misplaced(all: readonly Pending[], cost: CommitCost): Found[] {
  const adds = all.filter((entry) => entry.proposal.type === 'add');
  return adds.flatMap(({ from }, index) => {
    const leaf = cost.added[index];
    if (from.target === undefined || from.target === leaf) return [];
    const message = `the new member is placed at leaf ${leaf}, the leftmost blank one, not at ${from.target}`;
    return [{ line: from.line, path: 'target', message, remedy: `write ${leaf} or leave it out` }];
  });
}

function membersRemedy(tree: RatchetTree): string {
  const shown: number[] = [];
  for (let leaf = 0; leaf < tree.slots && shown.length <= 8; leaf++) {
    if (tree.isMember(leaf)) shown.push(leaf);
  }
  const list = shown.slice(0, 8).join(', ');
  return `members are at this point ${list}${shown.length > 8 ? ', ...' : ''}`;
}

function describe(proposals: readonly Proposal[]): string {
  const [only] = proposals;
  if (only === undefined) return 'update';
  if (proposals.length === 1) {
    return only.type === 'remove' ? `remove ${only.target}` : onlyName(only);
  }
  const counted = (['update', 'remove', 'add'] as const).flatMap((type) => {
    const count = proposals.filter((proposal) => proposal.type === type).length;
    return count === 0 ? [] : [`${count} ${type}${count === 1 ? '' : 's'}`];
  });
  return counted.join(', ');
}

function onlyName(proposal: Proposal): string {
  return proposal.type === 'update' ? `update of ${proposal.proposer}` : proposal.type;
}
