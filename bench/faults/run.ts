// `npm run bench:faults [-- --quick --same --app NAME --fault NAME --recordings FOLDER --json FILE --write]`: does wiretime find what is wrong, where
// it is, is the predicted saving what mending it brings, and is it silent where nothing is wrong? In: the built product, the shop and the backends of
// apps/. Out: tables; with --json the figures; with --write also in docs/accuracy.md. --quick: not the shop, each fault of each backend in one
// strength, five minutes; --short: in each strength, as briefly. --same: nothing is switched on; is anything said? --rounds, --seconds and --rate are the shop's; --rounds also that of
// the others. Recordings are kept in --recordings and used again.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServers } from '../../scripts/servers.ts';
import { judgeCell, type Judged } from './app-judge.ts';
import { APP_NAMES } from './app-list.ts';
import { nameOf, recordCell, type Cell, type Effort } from './app-record.ts';
import { APP_FAULTS, GROUPS, LEVELS } from './app-truth.ts';
import { judgeSame, sameLines } from './same.ts';
import { scoreLines } from './score-lines.ts';
import { scoreOf } from './score.ts';
import { judgeShop } from './shop.ts';
import { linesOf, tableOf, type Result } from './table.ts';

const { values } = parseArgs({
  options: {
    app: { type: 'string' },
    fault: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '45' },
    rate: { type: 'string', default: '30' },
    recordings: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    same: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const rounds = values.quick ? 1 : Number(values.rounds);
const load = { seconds: Number(values.seconds), rate: Number(values.rate) };
const SECONDS = {
  quick: { calls: 44, loop: 12 },
  same: { calls: 88, loop: 0 },
  full: { calls: 120, loop: 40 },
};
const effort: Effort = {
  seconds: SECONDS[values.same ? 'same' : values.quick || values.short ? 'quick' : 'full'],
};
const folder = values.recordings ?? mkdtempSync(join(tmpdir(), 'wiretime-faults-'));
const areAppsWanted = values.app !== 'shop';
const isShopWanted =
  values.app === 'shop' ||
  (values.app === undefined && values.fault === undefined && !values.quick && !values.short && !values.same);

function cellsWanted(): Cell[] {
  if (!areAppsWanted) return [];
  const wanted = values.fault?.split(',');
  const apps = APP_NAMES.filter((app) => (values.app ?? app) === app);
  const turns = values.quick ? [0] : LEVELS.map((_, turn) => turn);
  const cells = Array.from({ length: rounds }, (_, round) => round + 1).flatMap((seed) =>
    apps.flatMap((app) =>
      turns.flatMap((turn) =>
        GROUPS.map((group): Cell => ({
          app,
          group,
          turn,
          seed,
          isSame: values.same,
          faults: APP_FAULTS.filter(
            (fault) => fault.app === app && fault.group === group && (wanted?.includes(fault.name) ?? true),
          ),
        })),
      ),
    ),
  );
  const some = cells.filter(({ faults }) => faults.length > 0);
  if (some.length === 0) throw new Error('there is no such app or fault');
  return values.same ? some.filter(({ group, turn }) => group === 'calls' && turn === 0) : some;
}

async function eachCell<T>(judge: (cell: Cell) => Promise<T>): Promise<T[]> {
  const cells = cellsWanted();
  if (cells.length === 0) return [];
  const servers = await startServers(['postgres', 'redis', 'mariadb'], (line) => console.error(line));
  const judged: T[] = [];
  for (const [index, cell] of cells.entries()) {
    console.error(`${index + 1} of ${cells.length}: ${nameOf(cell)}`);
    await recordCell(cell, folder, effort, servers);
    judged.push(await judge(cell));
  }
  await servers.stop();
  return judged;
}

async function judgeFaults(): Promise<void> {
  const cells = await eachCell((cell) => judgeCell(cell, folder));
  const shop = isShopWanted ? await judgeShop(folder, { rounds, load }) : undefined;
  requireRequests(shop === undefined ? cells : []);
  const score = scoreOf(cells, shop);
  if (cells.length > 0) report('apps', `${conditions()}\n\n${scoreLines(score, cells)}`);
  if (shop !== undefined) report('faults', shopText(shop));
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(score, undefined, 2));
}

async function judgeNothing(): Promise<void> {
  const results = await eachCell((cell) => judgeSame(cell, folder));
  requireRequests(results);
  report('same', `${conditions()}\n\n${sameLines(results)}`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, undefined, 2));
}

function requireRequests(recorded: readonly Pick<Judged, 'requests'>[]): void {
  if (recorded.some(({ requests }) => requests === 0)) throw new Error('nothing was recorded');
}

function conditions(): string {
  const { calls, loop } = effort.seconds;
  return `${rounds} round${rounds === 1 ? '' : 's'} of ${calls} s (${loop} s for code that blocks) in turn, ${machine()}`;
}

function machine(): string {
  const busy = loadavg()[0]?.toFixed(1) ?? '';
  return `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load average ${busy} at the end.`;
}

function shopText(shop: Result): string {
  const { seconds, rate } = load;
  return `${rounds} round${rounds === 1 ? '' : 's'} of ${seconds} s at twice ${rate} requests a second, ${machine()}\n\n${tableOf(shop)}\n\n${linesOf(shop)}`;
}

/** Printed, and with --write put into the document between its marks. */
function report(mark: string, written: string): void {
  console.log(written);
  if (!values.write) return;
  const file = 'docs/accuracy.md';
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(`<!-- bench:${mark} -->`) + `<!-- bench:${mark} -->`.length;
  const to = text.indexOf(`<!-- /bench:${mark} -->`);
  writeFileSync(file, `${text.slice(0, from)}\n${written}\n${text.slice(to)}`);
}

// So that what was started ends, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  await (values.same ? judgeNothing() : judgeFaults());
} finally {
  if (values.recordings === undefined) rmSync(folder, { recursive: true, force: true });
}
