// What was asked of another host, by what was learnt from the calls before. In: finished calls. Out: `GET /tracks/:id` for
// `GET /tracks/abbey-road`, once many names were seen there. Until then, and for paths of few words, the statement stays as it is.
// Numbers and tokens were replaced by the decoder, without memory (base/path-template.ts).

import type { Operation } from '../model/operation.ts';
import type { RouteLearner } from './route-learner.ts';

/** Its dependency must be named. */
export function learnCalledPath(paths: RouteLearner, operation: Operation): void {
  if (operation.protocol !== 'http' || operation.role !== 'work') return;
  const { statement, dependency } = operation;
  const space = statement.indexOf(' /');
  if (space < 0) return;
  const method = statement.slice(0, space);
  const learnt = paths.learnt(dependency, method, statement.slice(space + 1));
  if (learnt.length !== statement.length - space - 1 || !statement.endsWith(learnt))
    operation.statement = `${method} ${learnt}`;
}
