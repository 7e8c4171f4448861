// Why the slow requests of one endpoint are slow. In: `service/method/route` of the address. Its requests are columns that are
// compared here; the mean request and the slowest ones come with the answer.

import { useMemo } from 'preact/hooks';
import type { EndpointAnswer, EndpointName } from '../../answer/api.ts';
import { counted, formatCount, formatRate, formatShare } from '../../base/numbers.ts';
import { decodeColumns, type RequestColumns } from '../../model/request-columns.ts';
import { meanIn, quantilesOf, type Region } from '../canvas/latency-grid.ts';
import { Compare } from '../parts/compare.tsx';
import { Figure } from '../parts/figure.tsx';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Sentence } from '../parts/text.tsx';
import { decoded, linkTo, query, setParameters, toggleTable } from '../state/address.ts';
import { useAnswer, type Reader } from '../state/answers.ts';
import { NOT_SAVED } from '../state/saved.ts';
import { useKeys } from '../state/keyboard.ts';
import { clock, currentRange, fullTime, undoNarrowing } from '../state/range.ts';
import { CallTree } from './endpoint-calls.tsx';
import { CodeHere } from './endpoint-code.tsx';
import { Latency } from './endpoint-latency.tsx';
import { FindingsHere, useFindingsOf } from './endpoint-findings.tsx';
import { WhySlow } from './endpoint-tail.tsx';
import { endpointSentence, FEWEST_REQUESTS } from './endpoint-sentence.ts';
import { perMinute } from './home-endpoints.tsx';

/** Of the address: `/endpoint/:service/:method/*route`. */
export function endpointOf(pathname: string): EndpointName {
  const [, , service = '', method = '', ...route] = pathname.split('/');
  return { service: decoded(service), method: decoded(method), route: decoded(`/${route.join('/')}`) };
}

const REQUESTS: Reader<RequestColumns> = {
  response: async (response) => {
    const columns = decodeColumns(await response.arrayBuffer());
    if (columns === undefined) throw new Error('The requests came in a form that this page does not know.');
    return columns;
  },
  saved: () => {
    throw new Error(NOT_SAVED);
  },
};

export function Endpoint({ id }: { readonly id: string }) {
  const name = endpointOf(id);
  usePageTitle(`${name.method} ${name.route}`);
  const parameters = new URLSearchParams({ range: currentRange(), ...name });
  const load = useAnswer<EndpointAnswer>(`/api/endpoint?${parameters}`, true);
  const columns = useAnswer<RequestColumns>(`/api/endpoint/requests?${parameters}`, true, REQUESTS);
  const findings = useFindingsOf(name);
  const { value } = load;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The endpoint did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[20, 32, 24, 320, 300]} />;
  if (value.requests === 0) return <NoRequests name={name} />;
  const isOld = load.isStale || columns.isStale;
  return (
    <div class={isOld ? 'is-stale' : ''} aria-busy={isOld}>
      <Head answer={value} />
      {columns.value === undefined && columns.failure !== undefined && (
        <Failure what="The requests did not come." load={columns} />
      )}
      {columns.value && columns.value.at.length > 0 ? (
        <Regions answer={value} columns={columns.value} />
      ) : (
        columns.failure === undefined && <Skeleton heights={[24, 320]} />
      )}
      <div class="endpoint-lower">
        <CallTree answer={value} findings={findings} />
        <div class="column">
          {value.tail && <WhySlow tail={value.tail} />}
          <FindingsHere name={name} findings={findings} />
          {value.ownCode && <CodeHere ownCode={value.ownCode} />}
          <Slowest answer={value} />
        </div>
      </div>
    </div>
  );
}

function NoRequests({ name }: { readonly name: EndpointName }) {
  return (
    <section class="card panel">
      <h1 class="title">
        <b>
          No requests to {name.method} {name.route}
        </b>{' '}
        of {name.service || 'any service'} in this time.
      </h1>
      <button type="button" class="control" onClick={() => setParameters({ range: undefined })}>
        Show the whole recording
      </button>
      <a class="link" href={linkTo('/')}>
        All endpoints ›
      </a>
    </section>
  );
}

function Head({ answer }: { readonly answer: EndpointAnswer }) {
  const { service, method, route, duration, requests, errors } = answer;
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={linkTo('/')}>Time</a>›<span>{service}</span>
      </nav>
      <div class="endpoint-head">
        <h1>
          <span class="method">{method}</span>
          <span>{route}</span>
        </h1>
        <dl class="figures">
          <Figure name="Requests">
            {perMinute(requests, answer)}
            <span class="unit">{answer.window.seconds < 1 ? '' : '/min'}</span>
          </Figure>
          <Figure name="p50">
            <Duration us={duration.p50Us} missing="Too few requests: p50 needs 10" />
          </Figure>
          <Figure name="p95">
            <Duration us={duration.p95Us} missing="Too few requests: p95 needs 100" />
          </Figure>
          <Figure name="p99">
            <Duration us={duration.p99Us} missing="Too few requests: p99 needs 500" />
          </Figure>
          <Figure name="Share of all time">{formatShare(answer.share)}</Figure>
          <Figure name="Operations per request">{formatRate(answer.operationsPerRequest)}</Figure>
          <Figure name="Errors">
            {errors === 0 ? '0' : <span class="error">✕ {formatShare(errors / requests)}</span>}
          </Figure>
        </dl>
      </div>
    </>
  );
}

interface RegionsProps {
  readonly answer: EndpointAnswer;
  readonly columns: RequestColumns;
}

function Regions({ answer, columns }: RegionsProps) {
  const quantiles = useMemo(() => quantilesOf(columns, [0.4, 0.5, 0.6, 0.95, 0.99]), [columns]);
  const [p40 = 0, p50 = 0, p60 = 0, p95 = 0, p99 = 0] = quantiles;
  const times = timesOf(answer, columns);
  const typical: Region = { ...times, fromUs: p40, toUs: p60 };
  const slow: Region = { ...times, fromUs: p95, toUs: Infinity };
  const asked = selectedRegion(columns.originMs);
  const selected = asked ?? slow;
  const typicalMean = useMemo(() => meanIn(columns, typical), [columns, p40, p60]);
  const { fromMs, toMs, fromUs, toUs } = selected;
  const mean = useMemo(() => meanIn(columns, selected), [columns, fromMs, toMs, fromUs, toUs]);
  useKeys({
    Escape: () => (asked === undefined ? undoNarrowing() : select(undefined, columns.originMs)),
    t: toggleTable,
  });
  const sentence = endpointSentence(answer.requests, typicalMean, mean, asked === undefined);
  return (
    <>
      <p class="answer small" role="status">
        <Sentence words={sentence} />
      </p>
      <div class="endpoint-upper">
        <Latency
          columns={columns}
          times={times}
          typical={typical}
          selected={selected}
          isDefault={asked === undefined}
          marks={[
            { name: 'p50', us: p50 },
            { name: 'p95', us: p95 },
            { name: 'p99', us: p99 },
          ]}
          onSelect={(region) => select(region, columns.originMs)}
        />
        <section class="card" aria-labelledby="compare-title">
          <header>
            <h2 id="compare-title">Typical or slow: what differs</h2>
          </header>
          {answer.requests < FEWEST_REQUESTS && (
            <p class="card-note">Few requests: the two regions share some of them.</p>
          )}
          <Compare
            caption={asked === undefined ? 'Slow requests spend' : 'Selected requests spend'}
            first={{
              name: 'Typical',
              note: 'p40 to p60',
              parts: typicalMean.categories,
              operations: typicalMean.operations,
            }}
            second={{
              name: asked === undefined ? 'Slow' : 'Selected',
              note: `${formatCount(mean.requests)} ${asked === undefined ? 'from p95 up' : 'requests'}`,
              parts: mean.categories,
              operations: mean.operations,
            }}
          />
        </section>
      </div>
    </>
  );
}

/** The window in ms from the origin of the columns; requests of a live recording may be newer than the answer. */
function timesOf(
  { window }: EndpointAnswer,
  { originMs, at }: RequestColumns,
): Pick<Region, 'fromMs' | 'toMs'> {
  const last = at[at.length - 1] ?? 0;
  return { fromMs: Math.min(0, window.from - originMs), toMs: Math.max(window.to - originMs, last, 1) };
}

/** `sel` of the address: times in ms since 1970, durations in µs; an absent last one is open. */
function selectedRegion(originMs: number): Region | undefined {
  const parts = query.value.get('sel')?.split(',') ?? [];
  const [from, to, low, high] = parts.map(Number);
  if (parts.length < 3 || from === undefined || to === undefined || low === undefined) return undefined;
  if (![from, to, low].every(Number.isFinite)) return undefined;
  const top =
    parts[3] === undefined || parts[3] === '' || !Number.isFinite(high) ? Infinity : (high ?? Infinity);
  return { fromMs: from - originMs, toMs: to - originMs, fromUs: low, toUs: top };
}

function select(region: Region | undefined, originMs: number): void {
  if (region === undefined) return setParameters({ sel: undefined });
  const { fromMs, toMs, fromUs, toUs } = region;
  const high = toUs === Infinity ? '' : String(toUs);
  setParameters({ sel: [fromMs + originMs, toMs + originMs, fromUs, high].join(',') });
}

function Slowest({ answer }: { readonly answer: EndpointAnswer }) {
  const { service, method, route } = answer;
  return (
    <section class="card" aria-labelledby="slowest-title">
      <header>
        <h2 id="slowest-title">Slowest requests</h2>
        <span class="space" />
        <a class="link" href={linkTo('/traces', { service, method, route })}>
          all ›
        </a>
      </header>
      <table class="table compact slowest">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Duration</th>
            <th scope="col">Where it went</th>
            <th scope="col">Operations</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {answer.slowest.map((row) => (
            <tr key={row.traceId} data-row>
              <td class="numeric strong">
                <a href={linkTo(`/trace/${row.traceId}`)}>
                  <Duration us={row.durationUs} />
                </a>
              </td>
              <td class="column-where">
                <StackBar parts={row.categories} />
              </td>
              <td class="numeric muted">{counted(row.operations, 'call')}</td>
              <td class="numeric muted" title={fullTime(row.at)}>
                {clock(row.at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {answer.slowest.length === 0 && (
        <p class="card-note">Only other services ask this endpoint: see their traces.</p>
      )}
    </section>
  );
}
