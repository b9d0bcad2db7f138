/**
 * Events of the commit model. `a` packs contender and group.
 *
 * | kind            | what happens                                          | b        | c           |
 * |-----------------|-------------------------------------------------------|----------|-------------|
 * | want            | some contender of the group wants to commit           |          |             |
 * | attempt         | the contender makes a commit for the epoch it knows   |          |             |
 * | arrive          | that commit reaches the delivery service              |          |             |
 * | reply           | the answer reaches the contender                      | accepted | new epoch   |
 * | learn           | the contender has processed an accepted commit        | epoch    | accepted at |
 * | propose         | a proposal reaches the delivery service               | epoch    |             |
 * | proposalSeen    | the elected committer has it (`a`: the proposer)      | epoch    |             |
 * | proposalRefused | the proposer hears that its proposal was too late     | epoch    |             |
 * | electedAttempt  | the elected committer makes a commit                  | epoch    |             |
 * | electedArrive   | that commit reaches the delivery service              |          |             |
 * | electedReply    | the answer reaches the elected committer              | accepted | new epoch   |
 * | timeout         | a proposer has waited long enough and commits itself  | epoch    |             |
 */
import { kind } from '../../kernel/engine.ts';

export const kinds = {
  want: kind(0, 0),
  attempt: kind(0, 1),
  arrive: kind(0, 2),
  reply: kind(0, 3),
  learn: kind(0, 4),
  propose: kind(0, 5),
  proposalSeen: kind(0, 6),
  proposalRefused: kind(0, 7),
  electedAttempt: kind(0, 8),
  electedArrive: kind(0, 9),
  electedReply: kind(0, 10),
  timeout: kind(0, 11),
} as const;
