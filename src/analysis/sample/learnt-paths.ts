// Paths that were asked before their template was learnt belong to it: `GET /export/s7` to `GET /export/:id`. In: operations. Out: the same,
// with the statement that later ones have. Without this a few early calls are statements of their own, and each a fault of its own.

import type { OperationRow } from '../../model/row.ts';

type Asked = Pick<OperationRow, 'protocol' | 'statement' | 'dependency'>;

const PLACE = /^[:*]/;

/** A look-up from what was asked to its template; undefined: it is one, or none fits. */
export function templatesOf(operations: Iterable<Asked>): (operation: Asked) => string | undefined {
  const byShape = new Map<string, Set<string>>();
  for (const operation of operations) {
    if (operation.protocol !== 'http' || !operation.statement.includes('/:')) continue;
    const shape = shapeOf(operation);
    byShape.set(shape, (byShape.get(shape) ?? new Set()).add(operation.statement));
  }
  const known = new Map<string, string | undefined>();
  return (operation) => {
    if (operation.protocol !== 'http' || byShape.size === 0 || operation.statement.includes('/:'))
      return undefined;
    const key = `${operation.dependency}\n${operation.statement}`;
    if (!known.has(key)) known.set(key, onlyFit(byShape.get(shapeOf(operation)), operation.statement));
    return known.get(key);
  };
}

/** The peer, and how many parts the path has. */
function shapeOf({ dependency, statement }: Asked): string {
  return `${dependency}\n${statement.split('/').length}`;
}

/** Two that fit say nothing. */
function onlyFit(templates: ReadonlySet<string> | undefined, statement: string): string | undefined {
  const parts = statement.split('/');
  const fitting = [...(templates ?? [])].filter((template) =>
    template
      .split('/')
      .every((part, index) => (PLACE.test(part) ? /\d/.test(parts[index] ?? '') : part === parts[index])),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}
