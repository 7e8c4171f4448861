// The route of a consumed message: the name of its queue, topic or subject without what is data. In: names. Out: `orders.?.created`.
// Names are learnt as the words of a path are (route-learner.ts): a part that is ever new is data, and so are numbers and ids.

import { PLACEHOLDER } from '../base/path-template.ts';
import type { RouteLearner } from './route-learner.ts';

const SEPARATOR = /[./:]/g;
/** They would end a path. */
const PATH_ENDS = /[?#]/g;
/** Of a queue that RabbitMQ has named. */
const GENERATED = 'amq.gen-';
/** As statements of messages have it: `publish orders.?.created`. */
const DATA = '?';

/** Parts are cut at `.`, `/` and `:`, and put together with the same again. */
export function queueRoute(routes: RouteLearner, service: string, method: string, name: string): string {
  if (name.startsWith(GENERATED)) return GENERATED + DATA;
  const path = `/${name.replace(PATH_ENDS, '_').replace(SEPARATOR, '/')}`;
  const separators = name.match(SEPARATOR) ?? [];
  const parts = routes.route(service, method, path).slice(1).split('/');
  return parts
    .map((part, index) => (part === PLACEHOLDER ? DATA : part) + (separators[index] ?? ''))
    .join('');
}
