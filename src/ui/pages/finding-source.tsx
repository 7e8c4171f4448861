// The code around a finding, with what its lines cost per request beside them. In: the answer. Without the source: the place alone.

import type { FindingAnswer, SourcePlace } from '../../answer/api.ts';
import { formatDuration, formatRate } from '../../base/numbers.ts';
import type { CategoryKey } from '../../model/category.ts';
import { copy } from '../state/toast.ts';
import { KeyCap } from '../parts/text.tsx';
import { codePieces } from '../state/code.ts';
import { editorLink, editorName } from '../state/editor.ts';
import { withoutColumn } from '../state/finding-words.ts';

export function Source({ answer }: { readonly answer: FindingAnswer }) {
  const { finding, source, life, category } = answer;
  const place = withoutColumn(finding.callSite);
  return (
    <section class="card" aria-labelledby="source-title">
      <header>
        <h2 id="source-title">{life.state === 'verified' ? 'Where it was' : 'Where'}</h2>
        {place !== '' && (
          <button
            type="button"
            class="mono plain link ellipsis"
            title="Copy"
            onClick={() => void copy(place, 'Place copied')}
          >
            {place}
          </button>
        )}
        <span class="space" />
        {source && (
          <a
            class="control small"
            href={editorLink(source)}
            title={`Open in ${editorName()}: e. Help (?) has other editors`}
          >
            Open in editor <KeyCap>e</KeyCap>
          </a>
        )}
      </header>
      {source ? <Lines source={source} category={category} /> : <NoSource place={place} />}
    </section>
  );
}

function NoSource({ place }: { readonly place: string }) {
  return (
    <p class="card-note">
      {place === ''
        ? 'No call site was seen: no line of your code was on the stack when the call was made.'
        : 'The source is not where its process ran, or not on this machine; so only the place is shown.'}
    </p>
  );
}

interface LinesProps {
  readonly source: SourcePlace;
  readonly category: CategoryKey;
}

function Lines({ source, category }: LinesProps) {
  const { firstLine, lines, line, isChanged } = source;
  return (
    <>
      {isChanged && (
        <p class="card-note">▲ The file was changed after its process started: lines may have moved.</p>
      )}
      <div
        class="code"
        role="group"
        aria-label="Source, with calls and time per request beside each line"
        tabIndex={0}
      >
        {lines.map((text, index) => {
          const number = firstLine + index;
          const isHere = number === line;
          const cost = costOf(source, number);
          const colour = cost?.category ?? (isHere ? category : undefined);
          return (
            <div
              key={number}
              class={`line ${isHere ? 'is-here' : ''} ${cost ? 'has-cost' : ''}`}
              style={colour && { '--here': `var(--c-${colour})` }}
            >
              <span class="number">{number}</span>
              <span class="cost">{cost && costWords(cost)}</span>
              <span class="text">
                <Code line={text} />
              </span>
            </div>
          );
        })}
      </div>
    </>
  );
}

interface Cost {
  readonly perRequest: number;
  readonly usPerRequest: number;
  readonly category: CategoryKey;
}

/** All calls that begin in a line; the colour is that of the longest. */
function costOf({ calls }: SourcePlace, line: number): Cost | undefined {
  const here = calls.filter((call) => call.line === line);
  const [first] = here.toSorted((a, b) => b.usPerRequest - a.usPerRequest);
  if (first === undefined) return undefined;
  return {
    category: first.category,
    perRequest: here.reduce((sum, { perRequest }) => sum + perRequest, 0),
    usPerRequest: here.reduce((sum, { usPerRequest }) => sum + usPerRequest, 0),
  };
}

/** More calls of one line in one request are worth a number. */
const REPEATED = 1.5;

function costWords({ perRequest, usPerRequest }: Cost): string {
  const times = perRequest > REPEATED ? `× ${formatRate(perRequest)}  ` : '';
  return times + formatDuration(Math.round(usPerRequest));
}

export function Code({ line }: { readonly line: string }) {
  return codePieces(line).map(({ text, kind }, index) =>
    kind === 'code' ? (
      text
    ) : (
      <span key={index} class={kind}>
        {text}
      </span>
    ),
  );
}
