// The findings of the hand-written shop, with a life that tests can change. In: nothing. Out: answers, as the server asks for them.

import type { FindingAnswers } from '../../src/answer/findings/finding-answers.ts';
import type { FindingAnswer, FindingLine, TraceListRow, Window } from '../../src/answer/api.ts';
import type { Finding, FindingLife, FindingState, Measures, Verification } from '../../src/model/finding.ts';
import { FINDING_STATES } from '../../src/model/finding.ts';
import { sampleFindings } from '../cli/sample-findings.ts';

export const LOOP_ID = sampleFindings.rows[0]?.id ?? '';
const CHANGED_AT = Date.UTC(2025, 2, 4, 15, 10);

export interface FindingDesk extends FindingAnswers {
  /** Finding → state; all others are open. */
  readonly states: Map<string, FindingState>;
  readonly reasons: Map<string, string>;
}

export function findingDesk(window: Window, traces: readonly TraceListRow[]): FindingDesk {
  const states = new Map<string, FindingState>();
  const reasons = new Map<string, string>();
  const lifeOf = (id: string) => life(states.get(id) ?? 'open', reasons.get(id) ?? '');
  const lines = (): FindingLine[] => [
    ...sampleFindings.rows.map((row) => ({ ...row, life: lifeOf(row.id) })),
    ...SMALL.map((line) => ({ ...line, life: lifeOf(line.id) })),
  ];
  return {
    states,
    reasons,
    findingLists: async () => ({
      window,
      sentence: [
        { text: 'Fixing everything here would cut request time by ' },
        { text: '64%', isStrong: true },
        { text: '; ' },
        { text: 'the first three give 48%', isStrong: true },
        { text: '.' },
      ],
      second: [
        { text: 'Savings are predicted: the same requests, recalculated with each fix. They overlap.' },
      ],
      lookedAt: 6000,
      requests: 47_756,
      lists: listsOf(lines()),
      firstThreeShare: 0.48,
      togetherShare: 0.642,
      calibration: {
        verified: 2,
        judged: 2,
        medianError: 0.04,
        medianBias: 0.04,
        withinInterval: 2,
        words:
          '2 findings were mended so far: the predicted saving was off by 4% in the median; 2 of 2 measured ones lie in the predicted 90% interval.',
        records: [],
      },
    }),
    finding: async (id) => {
      const line = lines().find((each) => each.id === id);
      return line && answerOf(line, window, traces);
    },
    actOnFinding: async (id, action, reason) => {
      if (!lines().some((each) => each.id === id)) return undefined;
      states.set(id, action === 'verify' ? 'verifying' : action === 'ignore' ? 'ignored' : 'open');
      reasons.set(id, reason);
      return lifeOf(id);
    },
  };
}

const SMALL = sampleFindings.rows
  .slice(5)
  .flatMap((row) =>
    [0, 1].map((nth) => ({ ...row, id: `small-${nth}`, share: 0.0004, title: 'A small one' })),
  );

function listsOf(lines: readonly FindingLine[]) {
  const of = (list: string) =>
    lines.filter(({ life }) => FINDING_STATES.find(({ key }) => key === life.state)?.list === list);
  return { open: of('open'), verifying: of('verifying'), verified: of('verified'), ignored: of('ignored') };
}

function measures(requests: number, p50Ms: number, callsPerRequest: number): Measures {
  return {
    requests,
    meanUs: p50Ms * 1100,
    p50Us: p50Ms * 1000,
    p95Us: p50Ms * 2340,
    p99Us: p50Ms * 3450,
    callsPerRequest,
  };
}

const BEFORE = measures(14_685, 101, 19.8);
const AFTER = measures(14_685, 37.3, 5);

function life(state: FindingState, note: string): FindingLife {
  const change = (key: FindingState, at: number, by = true) => ({ state: key, at, isByPerson: by, note });
  const found = change('open', CHANGED_AT - 1_800_000, false);
  const history =
    state === 'open'
      ? [found]
      : state === 'reopened'
        ? [found, change('verified', CHANGED_AT), change('reopened', CHANGED_AT + 3_600_000, false)]
        : [found, change(state, CHANGED_AT)];
  return { state, since: history.at(-1)?.at ?? 0, history, verification: VERIFICATIONS[state] };
}

function verification(measured: Measures, stillShare: number): Verification {
  return {
    service: 'gateway',
    method: 'GET',
    route: '/api/cart/:id',
    startedAt: CHANGED_AT,
    before: BEFORE,
    predicted: AFTER,
    measured,
    neededRequests: 200,
    secondsLeft: measured.requests < 200 ? 180 : 0,
    stillShare,
  };
}

const VERIFICATIONS: Partial<Record<FindingState, Verification>> = {
  verifying: verification(measures(12, 37, 5), 0),
  verified: verification(measures(4903, 37.5, 5), 0),
  'no-change': verification(measures(230, 102, 19.7), 1),
  worse: verification(measures(230, 160, 19.7), 1),
};

/** A hump around `middle`, of `sum` requests. */
function hump(middle: number, width: number, sum: number): number[] {
  const weights = Array.from({ length: 60 }, (_, index) => Math.exp(-(((index - middle) / width) ** 2)));
  const all = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => Math.round((weight / all) * sum));
}

function answerOf(line: FindingLine, window: Window, traces: readonly TraceListRow[]): FindingAnswer {
  const { life: lived, effect, exampleTrace: _, requests, ...rest } = line;
  const other = { ...effect, service: 'cart', route: '/carts/:id', totalUs: effect.totalUs / 3 };
  const traceIds = traces.map(({ traceId }) => traceId);
  const finding: Finding = {
    ...rest,
    effects: [effect, other],
    evidence: { requests, lookedAt: 120, traceIds },
  };
  const isMeasured = lived.verification !== undefined;
  return {
    window,
    finding,
    life: lived,
    isSeen: true,
    sentence: [
      { text: line.title, isStrong: true },
      { text: ', ' },
      { text: '16 queries per request where one would do.', swatch: 'db' },
    ],
    second: [{ text: 'Fixing it takes GET /api/cart/:id from 237 ms to 99.1 ms at p95.' }],
    category: 'db',
    comparison: {
      service: effect.service,
      method: effect.method,
      route: effect.route,
      distribution: {
        stepUs: 6600,
        now: hump(20, 12, 6000),
        after: hump(6, 4, 6000),
        measured: isMeasured ? hump(6.5, 4, 300) : [],
      },
      now: BEFORE,
      after: AFTER,
      measured: lived.verification?.measured,
    },
    source: {
      firstLine: 38,
      lines: [
        'async function getCart(id) {',
        '  const lines = [];',
        '  for (const item of items) { // <script>alert(1)</script>',
        "    const product = await one('SELECT name FROM products WHERE id = $1', [item.id]);",
        '    lines.push({ ...product, quantity: item.quantity });',
        '  }',
      ],
      line: 41,
      absolutePath: '/srv/shop with space/cart/src/routes/carts.js',
      isChanged: false,
      calls: [
        { line: 39, perRequest: 1, usPerRequest: 2480, category: 'db' },
        { line: 41, perRequest: 15.8, usPerRequest: 66_400, category: 'db' },
      ],
    },
    howToFix: {
      text: line.fix,
      library: 'pg',
      diff: [
        { kind: 'remove', text: 'for (const item of items) {' },
        { kind: 'remove', text: "  const product = await one('SELECT … WHERE id = $1', [item.id]);" },
        { kind: 'add', text: "const found = await all('SELECT … WHERE id = ANY($1)', [ids]);" },
        { kind: 'keep', text: 'return lines;' },
      ],
    },
    evidence: {
      requests,
      lookedAt: 120,
      countName: 'queries from this line',
      counts: Array.from(
        { length: 40 },
        (_, index) => [index + 1, Math.max(1, 60 - (index - 12) ** 2)] as const,
      ),
      // The first has the middle count: it is the one that is drawn, and the one that this shop can show.
      traces: traces.map((trace, index) => ({
        ...trace,
        count: index === 0 ? 16 : 16 + (index % 2 === 0 ? index : -index),
      })),
    },
  };
}
