// Phases of one operation, or of many summed up: a bar, a table, and each call of a run as a column. In: µs by phase.

import { useEffect, useRef } from 'preact/hooks';
import type { TraceOperation } from '../../answer/api.ts';
import { formatCount, formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import { PHASES, PhaseIndex, type PhaseVector } from '../../model/row.ts';
import { isEdgePhase, phaseCategory, PHASES_IN_TIME } from '../canvas/bar-data.ts';
import { createPaint, prepare, type Paint } from '../canvas/paint.ts';
import { total } from '../parts/stack-bar.tsx';
import { Duration } from '../parts/text.tsx';
import { theme } from '../state/theme.ts';

interface PhasesProps {
  readonly phases: PhaseVector;
  /** Index of the operation's category. */
  readonly category: number;
}

export function PhaseBar({ phases, category }: PhasesProps) {
  const sumUs = total(phases) || 1;
  const spoken = PHASES_IN_TIME.filter((phase) => (phases[phase] ?? 0) > 0).map(
    (phase) => `${nameOf(phase)} ${formatDuration(phases[phase] ?? 0)}`,
  );
  return (
    <div class="phase-bar" role="img" aria-label={spoken.join(', ')}>
      {PHASES_IN_TIME.map((phase) => {
        const us = phases[phase] ?? 0;
        if (us === 0) return null;
        return <i key={phase} class={classOf(phase, category)} style={{ width: `${(us / sumUs) * 100}%` }} />;
      })}
    </div>
  );
}

const CONNECT = [PhaseIndex.dns, PhaseIndex.tcp, PhaseIndex.tls] as const;
/** Shown even at zero, so that the table always reads the same; the others only when they happened. */
const ALWAYS: readonly number[] = [PhaseIndex.pool, PhaseIndex.send, PhaseIndex.wait, PhaseIndex.receive];

export function PhaseTable({ phases, category }: PhasesProps) {
  const sumUs = total(phases) || 1;
  const isReused = CONNECT.every((phase) => (phases[phase] ?? 0) === 0);
  const shown = PHASES_IN_TIME.filter((phase) => ALWAYS.includes(phase) || (phases[phase] ?? 0) > 0);
  return (
    <table class="phases">
      <tbody>
        {shown.map((phase) => (
          <>
            {isReused && phase === shown[1] && <ReusedLine />}
            <PhaseLine key={phase} phase={phase} category={category} us={phases[phase] ?? 0} sumUs={sumUs} />
          </>
        ))}
      </tbody>
    </table>
  );
}

function ReusedLine() {
  return (
    <tr class="muted">
      <td>
        <span class="with-swatch">
          <i class="swatch k-conn" aria-hidden="true" />
          DNS, TCP, TLS
        </span>
      </td>
      <td>0</td>
      <td>reused</td>
    </tr>
  );
}

interface LineProps {
  readonly phase: number;
  readonly category: number;
  readonly us: number;
  readonly sumUs: number;
}

function PhaseLine({ phase, category, us, sumUs }: LineProps) {
  return (
    <tr class={us === 0 ? 'muted' : ''}>
      <td>
        <span class="with-swatch">
          <i class={`swatch ${classOf(phase, category)}`} aria-hidden="true" />
          {nameOf(phase)}
        </span>
      </td>
      <td class={us > sumUs / 4 ? 'strong' : ''}>
        <Duration us={us} />
      </td>
      <td>{us > 0 && formatWholeShare(us / sumUs)}</td>
    </tr>
  );
}

function nameOf(phase: number): string {
  return PHASES[phase]?.name ?? '';
}

function classOf(phase: number, category: number): string {
  const key = CATEGORIES[phaseCategory(phase, category)]?.key ?? 'other';
  return isEdgePhase(phase, category) ? `k-${key} is-edge` : `k-${key}`;
}

interface EachCallProps {
  readonly operations: readonly TraceOperation[];
  readonly category: number;
}

const STRIP_WIDTH = 336;
const STRIP_HEIGHT = 46;

/** One column for each call, in order: a rising staircase of waits shows a pool running dry. */
export function EachCall({ operations, category }: EachCallProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const longestUs = Math.max(1, ...operations.map(({ durationUs }) => durationUs));
  const themeNow = theme.value;
  useEffect(() => {
    const ratio = devicePixelRatio || 1;
    const context = canvas.current && prepare(canvas.current, STRIP_WIDTH, STRIP_HEIGHT, ratio);
    if (context) drawStrip(context, createPaint(context, ratio), operations, category, longestUs);
  }, [operations[0], operations.length, themeNow]);
  return (
    <figure class="strip">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Duration of each of ${operations.length} calls by phase`}
      />
      <figcaption>
        <span>1</span>
        <span>longest {formatDuration(longestUs)}</span>
        <span>{formatCount(operations.length)}</span>
      </figcaption>
    </figure>
  );
}

/** From the bottom up: the wire, then what came before it. */
const STRIP_ORDER = PHASES_IN_TIME.toReversed();

function drawStrip(
  context: CanvasRenderingContext2D,
  paint: Paint,
  operations: readonly TraceOperation[],
  category: number,
  longestUs: number,
): void {
  const step = STRIP_WIDTH / operations.length;
  operations.forEach(({ phases }, index) => {
    let y = STRIP_HEIGHT;
    for (const phase of STRIP_ORDER) {
      const height = ((phases[phase] ?? 0) / longestUs) * (STRIP_HEIGHT - 2);
      const colour = phaseCategory(phase, category);
      context.fillStyle =
        (isEdgePhase(phase, category) ? paint.strong[colour] : paint.fill[colour]) ?? paint.ink3;
      y -= height;
      context.fillRect(index * step + 0.5, y, Math.max(1, step - 1.5), height);
    }
  });
}
