// `npm run bench:faults [-- --quick --app NAME --fault NAME --recordings FOLDER --json FILE --write]`: does wiretime find what is wrong, where
// it is, is the predicted saving what mending it brings, and is it silent where nothing is wrong? In: the built product, the shop and two backends of
// apps/. Out: tables; with --json the figures; with --write also in docs/accuracy.md. --quick: not the shop, one short round, five minutes.
// --rounds, --seconds and --rate are the shop's; --rounds also that of the others. Recordings are kept in --recordings and used again.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServers } from '../../scripts/servers.ts';
import { judgeCell, type Judged } from './app-judge.ts';
import { recordCell, type Cell, type Effort } from './app-record.ts';
import { APP_FAULTS, APPS, GROUPS, LEVELS } from './app-truth.ts';
import { scoreLines, scoreOf } from './score.ts';
import { judgeShop } from './shop.ts';
import { linesOf, tableOf, type Result } from './table.ts';

const { values } = parseArgs({
  options: {
    app: { type: 'string' },
    fault: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '45' },
    rate: { type: 'string', default: '30' },
    recordings: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const rounds = values.quick ? 1 : Number(values.rounds);
const load = { seconds: Number(values.seconds), rate: Number(values.rate) };
const effort: Effort = { seconds: values.quick ? { calls: 28, loop: 16 } : { calls: 90, loop: 40 } };
const folder = values.recordings ?? mkdtempSync(join(tmpdir(), 'wiretime-faults-'));
const isShopWanted =
  values.app === 'shop' || (values.app === undefined && values.fault === undefined && !values.quick);

function cellsWanted(): Cell[] {
  const faults = APP_FAULTS.filter(
    ({ app, name }) => (values.app ?? app) === app && (values.fault ?? name) === name,
  );
  if (faults.length === 0 && !isShopWanted) throw new Error('there is no such app or fault');
  return Array.from({ length: rounds }, (_, round) => round + 1)
    .flatMap((seed) =>
      APPS.flatMap((app) => GROUPS.flatMap((group) => LEVELS.map((level) => ({ app, group, level, seed })))),
    )
    .map((cell) => ({
      ...cell,
      faults: faults.filter(({ app, group }) => app === cell.app && group === cell.group),
    }))
    .filter((cell) => cell.faults.length > 0);
}

async function judgeApps(): Promise<Judged[]> {
  const cells = cellsWanted();
  if (cells.length === 0) return [];
  const servers = await startServers(['postgres', 'redis', 'mariadb'], (line) => console.error(line));
  const judged: Judged[] = [];
  for (const [index, cell] of cells.entries()) {
    console.error(`${index + 1} of ${cells.length}: ${cell.app}, ${cell.group}, ${cell.level}`);
    await recordCell(cell, folder, effort, servers);
    judged.push(await judgeCell(cell, folder));
  }
  await servers.stop();
  return judged;
}

async function main(): Promise<void> {
  const cells = await judgeApps();
  const shop = isShopWanted ? await judgeShop(folder, { rounds, load }) : undefined;
  if (shop === undefined && cells.every(({ requests }) => requests === 0))
    throw new Error('nothing was recorded');
  const score = scoreOf(cells, shop);
  if (cells.length > 0) console.log(`${conditions()}\n\n${scoreLines(score, cells)}`);
  if (shop !== undefined) console.log(`\n${tableOf(shop)}\n\n${linesOf(shop)}`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(score, undefined, 2));
  if (!values.write) return;
  if (cells.length > 0) writeBetween('apps', `${conditions()}\n\n${scoreLines(score, cells)}`);
  if (shop !== undefined) writeBetween('faults', shopText(shop));
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
  return `${rounds} rounds of ${load.seconds} s at twice ${load.rate} requests a second, ${machine()}\n\n${tableOf(shop)}\n\n${linesOf(shop)}`;
}

function writeBetween(mark: string, written: string): void {
  const file = 'docs/accuracy.md';
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(`<!-- bench:${mark} -->`) + `<!-- bench:${mark} -->`.length;
  const to = text.indexOf(`<!-- /bench:${mark} -->`);
  writeFileSync(file, `${text.slice(0, from)}\n${written}\n${text.slice(to)}`);
}

// So that what was started ends, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  await main();
} finally {
  if (values.recordings === undefined) rmSync(folder, { recursive: true, force: true });
}
