// The line and the connections of a pool as lanes, by pointer and by keyboard. In: the operations of a window. A block opens its trace.

import { useMemo, useRef, useState } from 'preact/hooks';
import type { PoolWindowAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { Chart } from '../canvas/chart.tsx';
import { drawLanes } from '../canvas/pool-drawing.ts';
import { geometryOf, operationAt, type PoolLanes } from '../canvas/pool-lanes.ts';
import { linkTo, open } from '../state/address.ts';
import { moved, show, type PoolView, type TimeSpan } from '../state/pool-window.ts';
import { letterOf } from './connections-letters.tsx';

interface LanesProps extends PoolView {
  readonly value: PoolWindowAnswer;
  readonly lanes: PoolLanes;
}

/** A shorter drag is a click. */
const CLICK_PX = 4;

export function Lanes({ answer, value, lanes, visible }: LanesProps) {
  const [selected, setSelected] = useState(-1);
  const start = useRef<{ readonly x: number; readonly visible: TimeSpan } | undefined>(undefined);
  const letters = useMemo(() => value.users.map((user) => letterOf(answer, user)), [value, answer]);
  const lengthUs = visible.toUs - visible.fromUs;
  const { operations } = value;
  const geometry = (canvas: HTMLCanvasElement) => geometryOf(lanes, canvas.clientWidth);
  const pick = (event: MouseEvent & { readonly currentTarget: HTMLCanvasElement }) =>
    operationAt(operations, lanes, geometry(event.currentTarget), lengthUs, event.offsetX, event.offsetY);
  const openTrace = (index: number) => {
    const id = value.traces[operations.trace[index] ?? -1];
    if (id !== undefined) open(linkTo(`/trace/${id}`, { op: `o${operations.operation[index]}` }));
  };
  return (
    <>
      <div class="chart lanes-chart" style={{ height: `${geometryOf(lanes, 1000).height + 8}px` }}>
        <Chart
          className="lanes"
          hasKeys
          label={`${formatCount(operations.joined.length)} calls on ${formatCount(lanes.connections.length)} connections; the longest line is ${formatCount(lanes.places)}. j and k choose a call, enter opens its trace. The table has the same.`}
          draw={(context, paint, width, height) =>
            drawLanes(context, paint, width, height, {
              operations,
              idle: value.idle,
              closed: value.closed,
              lanes,
              lengthUs,
              letterOf: letters,
              selected,
            })
          }
          pointer={{
            onPointerDown: (event) => {
              start.current = { x: event.offsetX, visible };
              event.currentTarget.setPointerCapture(event.pointerId);
            },
            onPointerMove: (event) => {
              if (start.current === undefined || Math.abs(event.offsetX - start.current.x) < CLICK_PX) return;
              const { left, right } = geometry(event.currentTarget);
              show(moved(start.current.visible, (start.current.x - event.offsetX) / (right - left)));
            },
            onPointerUp: (event) => {
              const isClick =
                start.current !== undefined && Math.abs(event.offsetX - start.current.x) < CLICK_PX;
              start.current = undefined;
              if (isClick) setSelected(pick(event));
            },
            onDblClick: (event) => openTrace(pick(event)),
            onKeyDown: (event) => {
              const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
              if (step !== 0)
                setSelected(Math.max(0, Math.min(operations.joined.length - 1, selected + step)));
              else if (event.key === 'Enter' && selected >= 0) openTrace(selected);
              else return;
              event.preventDefault();
              event.stopPropagation();
            },
          }}
        />
      </div>
      <Selected value={value} index={selected} onOpen={() => openTrace(selected)} />
    </>
  );
}

interface SelectedProps {
  readonly value: PoolWindowAnswer;
  readonly index: number;
  readonly onOpen: () => void;
}

function Selected({ value, index, onOpen }: SelectedProps) {
  const { operations, users } = value;
  if (index < 0 || index >= operations.joined.length)
    return <p class="card-note">Click on a call to see what it is.</p>;
  const user = users[operations.user[index] ?? -1];
  const at = (column: readonly number[]) => column[index] ?? 0;
  return (
    <p class="card-note" role="status">
      <b class="mono">{user ? `${user.method} ${user.route}` : 'outside of a request'}</b>{' '}
      {formatDuration(at(operations.granted) - at(operations.joined))} in line
      {at(operations.isNew) === 1 &&
        `, ${formatDuration(at(operations.ready) - at(operations.granted))} to open connection #${at(operations.connection)}`}
      , {formatDuration(at(operations.done) - at(operations.ready))} on connection #
      {at(operations.connection)}{' '}
      {(operations.trace[index] ?? -1) >= 0 && (
        <button type="button" class="control small" onClick={onOpen}>
          Open its trace
        </button>
      )}
    </p>
  );
}
