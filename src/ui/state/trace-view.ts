// The state of one trace page: what is open, selected, visible. In: the answer, the address, actions. Out: signals.
// The address holds all of it: `op`, `z`, `m`, `y`, `open`, `crit`, `cmp`, `min`, `find`, `as`.

import { batch, computed, effect, signal, untracked } from '@preact/signals';
import type { SourcePlace } from '../../answer/api.ts';
import type { Finding } from '../../model/finding.ts';
import { buildBarData } from '../canvas/bar-data.ts';
import { findingsIn, stallsIn } from './trace-findings.ts';
import { findCriticalPath, noPath } from '../canvas/critical-path.ts';
import { matchesOf, nextRow, rowsWith } from '../canvas/find.ts';
import { buildTree, defaultOpen, hasChildren, isFold, NodeKind, visibleRows } from '../canvas/rows.ts';
import { ROW_PX } from '../canvas/scene.ts';
import { typicalTimes, type TypicalTimes } from '../canvas/typical.ts';
import { fitted, panned, wholeTrace, zoomed, type TimeWindow } from '../canvas/view.ts';
import { query, setParametersSoon } from './address.ts';
import type { TraceData } from './trace-data.ts';

const SHORT_US = 1000;
/** With more rows, or a lower window, the rows need the room. */
const ROWS_WITH_TABLE = 16;
const HEIGHT_WITH_TABLE = 700;

export class TraceView {
  readonly answer: TraceData;
  readonly tree;
  readonly bars;
  readonly path;
  readonly isOpen;
  readonly hidesShort = signal(query.peek().get('min') === '1ms');
  readonly criticalOnly = signal(query.peek().get('crit') === '1');
  /** Asked for; the typical request may still be on its way. */
  readonly isCompared = signal(query.peek().get('cmp') === '1');
  readonly typical = signal<TypicalTimes | undefined>(undefined);
  /** Where the selected operation was called, when the server has the source. */
  readonly source = signal<SourcePlace | undefined>(undefined);
  /** Those of the recording, once they are known. */
  readonly findings = signal<readonly Finding[]>([]);
  readonly findingsIn = computed(() => findingsIn(this.answer, this.findings.value));
  /** Operation → 1: a pause of 40 ms that a finding is about. undefined: there is no such finding. */
  readonly stalls = computed(() => stallsIn(this.answer, this.findings.value));
  readonly window;
  /** Node, or -1. */
  readonly selected;
  readonly rows;
  /** What is looked for; '' when nothing is. */
  readonly find = signal(query.peek().get('find') ?? '');
  readonly matches = computed(() =>
    this.find.value.trim() === '' ? undefined : matchesOf(this.answer, this.tree, this.find.value),
  );
  readonly matchRows = computed(() => this.matches.value && rowsWith(this.matches.value, this.rows.value));
  /** A stretch of time that is measured. */
  readonly measured = signal(windowFromAddress('m'));
  readonly scrollTop = signal(0);
  /** Of the part of the rows in sight, in pixels. */
  readonly height = signal(0);
  /** Row that scrolling should bring into sight; set by actions, taken by the scroller. */
  readonly wanted = signal<number | undefined>(undefined);

  /** What the user chose for the table of operations; undefined: shown while the rows leave room. */
  readonly tableShown = signal(query.peek().get('as') === 'table' ? true : undefined);
  readonly isTableShown = computed(
    () =>
      this.tableShown.value ??
      (this.rows.value.nodes.length <= ROWS_WITH_TABLE && innerHeight >= HEIGHT_WITH_TABLE),
  );

  /** It has not ended: bars reach up to now, and what the whole was waiting for nobody knows yet. */
  readonly isUnderWay: boolean;

  constructor(answer: TraceData, isUnderWay = false) {
    this.answer = answer;
    this.isUnderWay = isUnderWay;
    this.tree = buildTree(answer);
    this.bars = buildBarData(answer);
    this.path = isUnderWay ? noPath(this.tree) : findCriticalPath(answer, this.tree, this.bars);
    this.isOpen = signal(this.#openFromAddress());
    this.window = signal<TimeWindow>(windowFromAddress('z') ?? wholeTrace(answer.durationUs));
    this.rows = computed(() =>
      visibleRows(this.tree, this.isOpen.value, this.hidesShort.value ? SHORT_US : 0),
    );
    this.selected = signal(isUnderWay ? -1 : this.#selectedFromAddress());
  }

  get firstRow(): number {
    return Number(query.peek().get('y') ?? 0) || 0;
  }

  /** Keeps the address up to date until the returned function is called. */
  follow(): () => void {
    return effect(() => {
      const { from, to } = this.window.value;
      const whole = wholeTrace(this.answer.durationUs);
      const isWhole = from === whole.from && to === whole.to;
      const row = Math.floor(this.scrollTop.value / ROW_PX);
      const parameters = {
        op: this.selected.value < 0 ? undefined : this.#keyOf(this.selected.value),
        z: isWhole ? undefined : windowText({ from, to }),
        m: this.measured.value && windowText(this.measured.value),
        find: this.find.value || undefined,
        y: row === 0 ? undefined : String(row),
        open: this.#openText.value,
        crit: this.criticalOnly.value ? '1' : undefined,
        cmp: this.isCompared.value ? '1' : undefined,
        min: this.hidesShort.value ? '1ms' : undefined,
        as: this.tableShown.value === true ? 'table' : undefined,
      };
      untracked(() => setParametersSoon(parameters));
    });
  }

  /** It has not ended: its bar reaches up to now. */
  isSoFar(node: number): boolean {
    const kind = this.tree.kind[node];
    if (!this.isUnderWay || isFold(kind)) return false;
    const operation = this.tree.operation[node] ?? -1;
    return kind === NodeKind.request || this.answer.operations.text('outcome', operation) === 'unfinished';
  }

  /** `operation` is an index. */
  isStalled(operation: number): boolean {
    return this.stalls.value?.[operation] === 1;
  }

  /** Outlines show `typical`; undefined takes them away. */
  compareWith(typical: TraceData | undefined): void {
    this.typical.value = typical && typicalTimes(this, { answer: typical, tree: buildTree(typical) });
  }

  /** What is selected is what the details are about, no longer what was measured. */
  select(node: number): void {
    batch(() => {
      this.measured.value = undefined;
      this.selected.value = node;
      this.wanted.value = this.rows.value.rowOf[node];
    });
  }

  /** The row `step` further; from nothing, the first. */
  selectNext(step: 1 | -1): void {
    const { nodes, rowOf } = this.rows.value;
    const row = this.selected.value < 0 ? -1 : (rowOf[this.selected.value] ?? -1);
    const next = nodes[Math.min(nodes.length - 1, Math.max(0, row + step))];
    if (next !== undefined) this.select(next);
  }

  /** The next row that shows what is looked for, going round. */
  selectMatch(step: 1 | -1): void {
    const { matchRows, rows, selected } = this;
    if (matchRows.value === undefined) return;
    const row = nextRow(matchRows.value, rows.value.rowOf[selected.value] ?? (step > 0 ? -1 : 0), step);
    const node = rows.value.nodes[row];
    if (node === undefined) return;
    this.select(node);
    this.reveal(node);
  }

  /** To the request that did the selected call, or to the first call of the selected request. */
  selectRelative(direction: 'caller' | 'callee'): void {
    const node = this.selected.value;
    if (node < 0) return;
    const target =
      direction === 'caller' ? (this.tree.parent[node] ?? -1) : hasChildren(this.tree, node) ? node + 1 : -1;
    if (target < 0) return;
    if (direction === 'callee' && this.isOpen.value[node] === 0) this.toggle(node);
    this.select(target);
  }

  toggle(node: number): void {
    if (node < 0 || !hasChildren(this.tree, node)) return;
    const isOpen = this.isOpen.value.slice();
    isOpen[node] = isOpen[node] === 0 ? 1 : 0;
    this.isOpen.value = isOpen;
  }

  readonly hasFolded = computed(() =>
    this.isOpen.value.some((open, node) => open === 0 && isFold(this.tree.kind[node])),
  );

  /** Folds all runs, or unfolds them when some are folded. */
  toggleRuns(): void {
    const open = this.hasFolded.value ? 1 : 0;
    this.isOpen.value = this.isOpen.value.map((was, node) => (isFold(this.tree.kind[node]) ? open : was));
  }

  /** `factor` < 1 zooms in; around `atUs`, else the selection if it is in sight, else the middle. */
  zoom(factor: number, atUs = this.#centre()): void {
    this.window.value = zoomed(this.window.value, factor, atUs, this.answer.durationUs);
  }

  pan(share: number): void {
    this.window.value = panned(this.window.value, share, this.answer.durationUs);
  }

  /** Moves the window to the bar of `node` when it is out of sight; its length stays. */
  reveal(node: number): void {
    const { from, to } = this.window.value;
    const start = this.tree.startUs[node] ?? 0;
    const end = this.tree.endUs[node] ?? 0;
    if (end >= from && start <= to) return;
    const middle = (Math.max(0, start) + Math.min(start + to - from, end)) / 2;
    this.pan((middle - (from + to) / 2) / (to - from));
  }

  fitAll(): void {
    this.window.value = wholeTrace(this.answer.durationUs);
  }

  /** What is measured, else what is selected. */
  fitSelected(): void {
    const stretch = this.measured.value;
    if (stretch !== undefined) {
      this.window.value = stretch;
      return;
    }
    const node = this.selected.value;
    if (node >= 0) this.window.value = fitted(this.tree.startUs[node] ?? 0, this.tree.endUs[node] ?? 0);
  }

  #centre(): number {
    const { from, to } = this.window.value;
    const node = this.selected.value;
    const middle = node < 0 ? NaN : ((this.tree.startUs[node] ?? 0) + (this.tree.endUs[node] ?? 0)) / 2;
    return middle >= from && middle <= to ? middle : (from + to) / 2;
  }

  /** `r12` a request, `o34` an operation, `x34` the run, `g34` the group that begins with operation 34: ids, which last. */
  #keyOf(node: number): string {
    const kind = this.tree.kind[node];
    if (kind === NodeKind.request) return `r${this.answer.requests[this.tree.request[node] ?? 0]?.id}`;
    const id = this.answer.operations.numbers.id[this.tree.operation[node] ?? 0];
    if (kind === NodeKind.group) return `g${id}`;
    return kind === NodeKind.run ? `x${id}` : `o${id}`;
  }

  #selectedFromAddress(): number {
    const key = query.peek().get('op');
    if (key === null) return this.#mainNode();
    for (let node = 0; node < this.tree.count; node++) if (this.#keyOf(node) === key) return node;
    return -1;
  }

  /** What the answer is most likely about: the longest run, else the longest blocking operation. */
  #mainNode(): number {
    let best = -1;
    let bestUs = 0;
    for (let node = 0; node < this.tree.count; node++) {
      const us = (this.tree.endUs[node] ?? 0) - (this.tree.startUs[node] ?? 0);
      const weight = this.tree.kind[node] === NodeKind.run ? 2 : 1;
      if (this.tree.kind[node] === NodeKind.request || this.path.isOn[node] === 0 || us * weight <= bestUs)
        continue;
      best = node;
      bestUs = us * weight;
    }
    return best < 0 && this.tree.count > 0 ? 0 : best;
  }

  #openFromAddress(): Uint8Array {
    const text = query.peek().get('open') ?? '';
    const keys = new Set(text.split(','));
    return defaultOpen(this.tree).map((open, node) => {
      if (text === 'all') return 1;
      return keys.size > 0 && text !== '' && keys.has(this.#keyOf(node)) ? 1 - open : open;
    });
  }

  /** The rows that are not as they are at first. Not made again with each step of scrolling. */
  readonly #openText = computed((): string | undefined => {
    const isOpen = this.isOpen.value;
    if (isOpen.every((open) => open === 1)) return this.#hasRuns ? 'all' : undefined;
    const changed: string[] = [];
    isOpen.forEach((open, node) => {
      const atFirst = isFold(this.tree.kind[node]) ? 0 : 1;
      if (open !== atFirst) changed.push(this.#keyOf(node));
    });
    return changed.length === 0 ? undefined : changed.join(',');
  });

  get #hasRuns(): boolean {
    return this.tree.kind.some(isFold);
  }
}

function windowText({ from, to }: TimeWindow): string {
  return `${Math.round(from)},${Math.round(to)}`;
}

function windowFromAddress(name: 'z' | 'm'): TimeWindow | undefined {
  const [from, to] = (query.peek().get(name) ?? '').split(',').map(Number);
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
}
