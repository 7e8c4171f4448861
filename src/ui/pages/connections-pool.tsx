// One pool: the line before it over the range, who is in line and who has which connection in a window, who uses it.
// In: a service and a dependency. The window is `w` of the address, µs since 1970.

import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { EndpointName, PoolAnswer, PoolUser, PoolWindowAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../../base/numbers.ts';
import { Chart } from '../canvas/chart.tsx';
import { drawLanes, drawPoolOverview, LETTERS, overviewTime } from '../canvas/pool-drawing.ts';
import { geometryOf, MOST_LANES, operationAt, poolLanes, type PoolLanes } from '../canvas/pool-lanes.ts';
import { Figure } from '../parts/figure.tsx';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { Duration, KeyCap, Segmented, Sentence, Swatch } from '../parts/text.tsx';
import { endpointPath, linkTo, open, query, setParameters, toggleTable } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { useKeys } from '../state/keyboard.ts';
import { clock, currentRange } from '../state/range.ts';

interface PoolProps {
  readonly service: string;
  readonly dependency: string;
  /** The list of pools, below the answer. */
  readonly children: ComponentChildren;
}

const NOT_FOUND = 404;

export function Pool({ service, dependency, children }: PoolProps) {
  const parameters = new URLSearchParams({ service, dependency, range: currentRange() });
  const load = useAnswer<PoolAnswer>(`/api/connections/pool?${parameters}`);
  const { value } = load;
  if (value === undefined && load.failure === undefined) return <Skeleton heights={[32, 18, 480]} />;
  if (value === undefined)
    return (
      <>
        <h1 class="answer">
          {load.failureStatus === NOT_FOUND ? 'No such connections.' : 'The pool did not come.'}
        </h1>
        <div class="pool-page">
          {children}
          <Failure what="" load={load} />
        </div>
      </>
    );
  return (
    <>
      <h1 class="answer">
        <Sentence words={value.sentence} />
      </h1>
      <p class="second">
        <Sentence words={value.second} />
      </p>
      <div class="pool-page">
        {children}
        <PoolDetails answer={value} />
      </div>
    </>
  );
}

type TimeSpan = PoolAnswer['first'];

/** `w` of the address, else where to look first. */
function visibleOf(first: TimeSpan): TimeSpan {
  const [fromUs, toUs] = (query.value.get('w') ?? '').split(',').map(Number);
  const isGiven =
    fromUs !== undefined && toUs !== undefined && Number.isSafeInteger(fromUs) && Number.isSafeInteger(toUs);
  return isGiven && fromUs > 0 && fromUs < toUs ? { fromUs, toUs } : first;
}

function show({ fromUs, toUs }: TimeSpan): void {
  setParameters({ w: `${Math.max(1, Math.floor(fromUs))},${Math.floor(toUs)}` });
}

/** 2 ms: below it single packets would have to be told apart. An hour: more is the overview's. */
const SHORTEST_US = 2000;
const LONGEST_US = 3600e6;

function zoomed({ fromUs, toUs }: TimeSpan, factor: number): TimeSpan {
  const middle = (fromUs + toUs) / 2;
  const half = Math.max(SHORTEST_US, Math.min(LONGEST_US, (toUs - fromUs) * factor)) / 2;
  return { fromUs: middle - half, toUs: middle + half };
}

function moved({ fromUs, toUs }: TimeSpan, share: number): TimeSpan {
  const by = (toUs - fromUs) * share;
  return { fromUs: fromUs + by, toUs: toUs + by };
}

function PoolDetails({ answer }: { readonly answer: PoolAnswer }) {
  const visible = visibleOf(answer.first);
  const jump = (step: 1 | -1) => {
    const middle = (visible.fromUs + visible.toUs) / 2;
    const waits = answer.longWaits;
    const next = step > 0 ? waits.find((us) => us > middle + 1) : waits.findLast((us) => us < middle - 1);
    if (next === undefined) return;
    const half = (visible.toUs - visible.fromUs) / 2;
    show({ fromUs: next - half, toUs: next + half });
  };
  const left = () => show(moved(visible, -0.2));
  const right = () => show(moved(visible, 0.2));
  useKeys({
    w: () => show(zoomed(visible, 0.7)),
    s: () => show(zoomed(visible, 1 / 0.7)),
    a: left,
    d: right,
    ArrowLeft: left,
    ArrowRight: right,
    n: () => jump(1),
    p: () => jump(-1),
    '0': () => setParameters({ w: undefined }),
    t: toggleTable,
  });
  return (
    <div class="pool-details">
      <Overview answer={answer} visible={visible} />
      <WindowCard answer={answer} visible={visible} />
      <Users answer={answer} />
    </div>
  );
}

interface ViewProps {
  readonly answer: PoolAnswer;
  readonly visible: TimeSpan;
}

function Overview({ answer, visible }: ViewProps) {
  const { row, maxLine, operationsSeen } = answer;
  const isDragging = useRef(false);
  const follow = (event: PointerEvent & { readonly currentTarget: HTMLCanvasElement }) => {
    if (!isDragging.current) return;
    const at = overviewTime(answer.window, event.currentTarget.clientWidth, event.offsetX);
    const half = (visible.toUs - visible.fromUs) / 2;
    show({ fromUs: at - half, toUs: at + half });
  };
  return (
    <section class="card" aria-labelledby="pool-title">
      <header>
        <h2 id="pool-title">
          {row.service} → {row.dependency}
        </h2>
        <span class="muted">whole range; drag the window</span>
        <span class="space" />
        <Segmented
          label="Chart"
          choices={[
            { value: 'lanes', name: 'Lanes' },
            { value: 'table', name: 'Table' },
          ]}
          value={query.value.get('as') === 'table' ? 'table' : 'lanes'}
          onChoose={(value) => setParameters({ as: value === 'table' ? value : undefined })}
        />
      </header>
      <dl class="figures pool-figures">
        <Figure name="Calls that wait">{formatShare(row.waited / (row.calls || 1))}</Figure>
        <Figure name="p95 wait">
          <Duration us={row.p95WaitUs} />
        </Figure>
        <Figure name="Longest line">{formatCount(maxLine)}</Figure>
        <Figure name="Connections seen">{formatCount(row.connections)}</Figure>
        <Figure name="New connections">
          {formatCount(row.newConnections)} <span class="unit">of {formatCount(row.calls)} calls</span>
        </Figure>
        <Figure name="Calls per connection">{formatRate(row.calls / (row.connections || 1))}</Figure>
        <Figure name="DNS, TCP, TLS, login">
          <Duration us={row.newConnections === 0 ? 0 : Math.round(row.setupUs / row.newConnections)} />{' '}
          <span class="unit">each</span>
        </Figure>
        <Figure name="Time lost">
          <Duration us={row.poolUs + row.setupUs} />
        </Figure>
      </dl>
      <div class="chart overview-chart">
        <Chart
          label={`The range: the longest line was ${formatCount(maxLine)}. The window is at ${clock(visible.fromUs / 1000)}.`}
          draw={(context, paint, width, height) =>
            drawPoolOverview(context, paint, width, height, answer, visible)
          }
          pointer={{
            onPointerDown: (event) => {
              isDragging.current = true;
              event.currentTarget.setPointerCapture(event.pointerId);
              follow(event);
            },
            onPointerMove: follow,
            onPointerUp: () => (isDragging.current = false),
          }}
        />
      </div>
      {operationsSeen < row.calls && (
        <p class="card-note">
          The line rests on the latest {formatCount(operationsSeen)} operations of this range.
        </p>
      )}
    </section>
  );
}

function WindowCard({ answer, visible }: ViewProps) {
  const { service, dependency } = answer.row;
  const w = `${Math.max(1, Math.floor(visible.fromUs))},${Math.floor(visible.toUs)}`;
  const load = useAnswer<PoolWindowAnswer>(
    `/api/connections/window?${new URLSearchParams({ service, dependency, w })}`,
  );
  const { value } = load;
  const lanes = useMemo(() => value && poolLanes(value.operations), [value]);
  const isTable = query.value.get('as') === 'table';
  return (
    <section class="card" aria-labelledby="window-title">
      <header>
        <h2 id="window-title">{formatDuration(visible.toUs - visible.fromUs)} window</h2>
        <span class="muted">{value && lanes && windowWords(value, lanes, visible)}</span>
        <span class="space" />
        <span class="key-hints">
          <KeyCap>w</KeyCap> <KeyCap>s</KeyCap> zoom <KeyCap>a</KeyCap> <KeyCap>d</KeyCap> move{' '}
          <KeyCap>n</KeyCap> next long wait
        </span>
      </header>
      {load.failure !== undefined && <p class="card-note error">✕ {load.failure}</p>}
      {value && lanes && value.operations.joined.length === 0 && (
        <p class="card-note">
          No calls in this window. {answer.longWaits.length > 0 && 'n goes to the next long wait.'}
        </p>
      )}
      {value && lanes && value.operations.joined.length > 0 && (
        <>
          <UserLegend answer={answer} hasNew={value.operations.isNew.includes(1)} />
          {isTable ? (
            <CallsTable value={value} visible={visible} />
          ) : (
            <Lanes answer={answer} value={value} lanes={lanes} visible={visible} />
          )}
        </>
      )}
    </section>
  );
}

function windowWords(
  { operations, isCut }: PoolWindowAnswer,
  lanes: PoolLanes,
  { fromUs }: TimeSpan,
): string {
  const waited = lanes.place.reduce((sum, place) => sum + (place >= 0 ? 1 : 0), 0);
  const calls = operations.joined.length;
  const cut = isCut ? ' (cut: zoom in)' : '';
  const hidden = lanes.connections.length > MOST_LANES ? `, the first ${MOST_LANES} drawn` : '';
  return `at ${clock(fromUs / 1000)}: ${formatCount(calls)} calls${cut}, ${formatCount(waited)} waited, longest line ${formatCount(lanes.places)}, ${formatCount(lanes.connections.length)} connections${hidden}`;
}

/** The letter of an endpoint: the four that hold most have one. */
function letterOf({ users }: PoolAnswer, user: EndpointName): number {
  const index = users
    .filter(({ route }) => route !== '')
    .findIndex(({ method, route }) => method === user.method && route === user.route);
  return index >= 0 && index < LETTERS.length ? index : LETTERS.length;
}

function LetterKey({ letter }: { readonly letter: number }) {
  const name = ['a', 'b', 'c', 'd', 'e'][letter] ?? 'e';
  return (
    <i
      class="letter"
      style={{ background: `var(--e-${name})`, '--tick': `var(--e-${name}-2)` }}
      aria-hidden="true"
    >
      {LETTERS[letter as 0] ?? ''}
    </i>
  );
}

function UserLegend({ answer, hasNew }: { readonly answer: PoolAnswer; readonly hasNew: boolean }) {
  const named = answer.users.filter(({ route }) => route !== '').slice(0, LETTERS.length);
  return (
    <p class="legend pool-legend">
      {named.map((user, index) => (
        <span key={`${user.method} ${user.route}`}>
          <LetterKey letter={index} />
          <span class="mono">
            {user.method} {user.route}
          </span>
        </span>
      ))}
      {answer.users.length > named.length && (
        <span>
          <LetterKey letter={LETTERS.length} />
          others
        </span>
      )}
      {hasNew && (
        <span>
          <Swatch category="conn" />▲ new connection
        </span>
      )}
    </p>
  );
}

interface LanesProps extends ViewProps {
  readonly value: PoolWindowAnswer;
  readonly lanes: PoolLanes;
}

/** A shorter drag is a click. */
const CLICK_PX = 4;

function Lanes({ answer, value, lanes, visible }: LanesProps) {
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

const TABLE_ROWS = 200;

/** The longest waits first: what the lanes are looked at for. */
function CallsTable({ value, visible }: { readonly value: PoolWindowAnswer; readonly visible: TimeSpan }) {
  const { operations, users, traces } = value;
  const order = operations.joined
    .map((joined, index) => ({ index, wait: (operations.granted[index] ?? 0) - joined }))
    .toSorted((a, b) => b.wait - a.wait)
    .slice(0, TABLE_ROWS);
  return (
    <table class="table compact">
      <thead>
        <tr>
          <th scope="col">Joined</th>
          <th scope="col">Endpoint</th>
          <th scope="col" class="numeric" aria-sort="descending">
            In line ↓
          </th>
          <th scope="col" class="numeric">
            Opening
          </th>
          <th scope="col" class="numeric">
            Under way
          </th>
          <th scope="col" class="numeric">
            Connection
          </th>
        </tr>
      </thead>
      <tbody>
        {order.map(({ index, wait }) => {
          const user = users[operations.user[index] ?? -1];
          const trace = traces[operations.trace[index] ?? -1];
          const name = user ? `${user.method} ${user.route}` : 'outside of a request';
          const at = (column: readonly number[]) => column[index] ?? 0;
          return (
            <tr key={index} data-row>
              <td class="muted nowrap">{clock((visible.fromUs + at(operations.joined)) / 1000)}</td>
              <td class="mono">
                {trace === undefined ? name : <a href={linkTo(`/trace/${trace}`)}>{name}</a>}
              </td>
              <td class="numeric strong">
                <Duration us={wait} />
              </td>
              <td class="numeric">
                <Duration us={at(operations.ready) - at(operations.granted)} />
              </td>
              <td class="numeric">
                <Duration us={at(operations.done) - at(operations.ready)} />
              </td>
              <td class="numeric">#{at(operations.connection)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Users({ answer }: { readonly answer: PoolAnswer }) {
  const max = Math.max(1, ...answer.users.map(({ holdsUs, waitsUs }) => Math.max(holdsUs, waitsUs)));
  return (
    <section class="card" aria-labelledby="users-title">
      <header>
        <h2 id="users-title">Who holds it, who waits</h2>
        <span class="muted">over the whole range</span>
      </header>
      <table class="table compact users">
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col" class="numeric">
              Holds
            </th>
            <th scope="col" class="numeric">
              Waits
            </th>
            <th scope="col" class="column-bar">
              <span class="visually-hidden">Both as bars</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.users.map((user) => (
            <UserLine key={`${user.method} ${user.route}`} user={user} answer={answer} max={max} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface UserProps {
  readonly user: PoolUser;
  readonly answer: PoolAnswer;
  readonly max: number;
}

function UserLine({ user, answer, max }: UserProps) {
  const letter = letterOf(answer, user);
  const name = ['a', 'b', 'c', 'd', 'e'][letter] ?? 'e';
  return (
    <tr data-row>
      <td>
        <span class="with-swatch">
          <LetterKey letter={letter} />
          {user.route === '' ? (
            <span class="muted">outside of a request</span>
          ) : (
            <a class="mono ellipsis" href={linkTo(endpointPath(user))}>
              {user.method} {user.route}
            </a>
          )}
        </span>
      </td>
      <td class="numeric">
        <Duration us={user.holdsUs} />
      </td>
      <td class="numeric">
        <Duration us={user.waitsUs} />
      </td>
      <td class="column-bar">
        <span class="two-bars" aria-hidden="true">
          <i style={{ width: `${(user.holdsUs / max) * 100}%`, background: `var(--e-${name})` }} />
          <i class="k-pool" style={{ width: `${(user.waitsUs / max) * 100}%` }} />
        </span>
      </td>
    </tr>
  );
}
