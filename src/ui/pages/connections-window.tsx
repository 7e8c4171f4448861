// What is in the visible window of a pool: as lanes, or as a table. In: a pool and a window.

import { useMemo } from 'preact/hooks';
import type { PoolWindowAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { MOST_LANES, poolLanes, type PoolLanes } from '../canvas/pool-lanes.ts';
import { SaveButton } from '../parts/save-button.tsx';
import { KeyCap } from '../parts/text.tsx';
import { query } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { windowText, type PoolView, type TimeSpan } from '../state/pool-window.ts';
import { clock } from '../state/range.ts';
import { CallsTable } from './connections-calls.tsx';
import { Lanes } from './connections-lanes.tsx';
import { UserLegend } from './connections-letters.tsx';

export function WindowCard({ answer, visible }: PoolView) {
  const { service, dependency } = answer.row;
  const w = windowText(visible);
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
        {!isTable && <SaveButton />}
      </header>
      {load.failure !== undefined && <p class="card-note error">✕ {load.failure}</p>}
      {value === undefined && load.failure === undefined && <div class="lanes-place" aria-busy="true" />}
      {value && lanes && value.operations.joined.length === 0 && (
        <p class="card-note">
          No calls in this window. {answer.longWaits.length > 0 && 'n goes to the next long wait.'}
        </p>
      )}
      {value && lanes && value.operations.joined.length > 0 && (
        <>
          <UserLegend
            answer={answer}
            hasNew={value.operations.isNew.includes(1)}
            hasIdle={value.idle.length > 0}
            closed={value.closed.length}
          />
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
  { operations, isCut, logins }: PoolWindowAnswer,
  lanes: PoolLanes,
  { fromUs }: TimeSpan,
): string {
  const waited = lanes.place.reduce((sum, place) => sum + (place >= 0 ? 1 : 0), 0);
  const calls = operations.joined.length - logins;
  const more = logins === 0 ? '' : ` and ${formatCount(logins)} to log in`;
  const cut = isCut ? ' (cut: zoom in)' : '';
  const hidden = lanes.connections.length > MOST_LANES ? `, the first ${MOST_LANES} drawn` : '';
  return `at ${clock(fromUs / 1000)}: ${formatCount(calls)} calls${more}${cut}, ${formatCount(waited)} waited, longest line ${formatCount(lanes.places)}, ${formatCount(lanes.connections.length)} connections${hidden}`;
}
