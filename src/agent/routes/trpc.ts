// Procedures of tRPC, which are all behind one route: `/trpc/:path`. In: the path of a request. Out: `/trpc/user.byId`, of a batch
// `/trpc/post.list,user.byId`. Recognized by the segment `trpc` before them, which is how its guides mount it.

/** Of a batch. */
const BATCH_LIMIT = 3;
/** Names that were answered well. What clients make up is answered with 404, and in a batch with the others' status: those are left out. */
const NAME_LIMIT = 2000;
const BATCHES_LIMIT = 1000;

const PATH = /^((?:\/[A-Za-z_-]+)*?\/trpc)\/([\w.,$%-]{1,2000})$/;
const PROCEDURE = /^[A-Za-z_$][\w$-]*(?:\.[A-Za-z_$][\w$-]*)*$/;
const NOT_FOUND = 404;

const known = new Set<string>();
const batches = new Set<string>();

/** '' when the path is not one of tRPC, or names nothing that there is. */
export function trpcRoute(path: string, status: number): string {
  if (!path.includes('/trpc/')) return '';
  const [, base = '', list = ''] = PATH.exec(path) ?? [];
  const procedures = [...new Set(list.replaceAll('%2C', ',').split(','))];
  if (base === '' || status === NOT_FOUND || !procedures.every((name) => PROCEDURE.test(name))) return '';
  if (status < 300 && status !== 207)
    for (const name of procedures) if (known.size < NAME_LIMIT) known.add(name);
  return `${base}/${procedures.length === 1 ? (procedures[0] ?? '') : batchName(procedures)}`;
}

function batchName(procedures: readonly string[]): string {
  const names = procedures.filter((name) => known.has(name)).sort();
  const more = procedures.length - Math.min(names.length, BATCH_LIMIT);
  const batch = names.slice(0, BATCH_LIMIT).join(',') + (more > 0 ? ` +${more}` : '');
  if (batches.has(batch)) return batch;
  if (names.length === 0 || batches.size >= BATCHES_LIMIT) return 'batch';
  batches.add(batch);
  return batch;
}
