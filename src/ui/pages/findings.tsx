// Everything that could be made faster, by what it saves; and what was verified, is being verified, or is ignored.
// In: the list in the address (`list=verified`). A row opens its finding.

import { useEffect } from 'preact/hooks';
import type { FindingListsAnswer } from '../../answer/api.ts';
import type { FindingList } from '../../model/finding.ts';
import { NOTHING_FOUND } from '../../model/nothing-found.ts';
import { formatCount } from '../../base/numbers.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { Segmented, Sentence } from '../parts/text.tsx';
import { linkTo, query, setParameters } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { openFindings } from '../state/open-findings.ts';
import { currentRange } from '../state/range.ts';
import { CalibrationNote } from './findings-calibration.tsx';
import { FindingsTable } from './findings-table.tsx';

const LISTS = [
  { value: 'open', name: 'Open' },
  { value: 'verifying', name: 'Verifying' },
  { value: 'verified', name: 'Verified' },
  { value: 'ignored', name: 'Ignored' },
] as const;

const SUBTITLES: Readonly<Record<FindingList, string>> = {
  open: 'by time saved',
  verifying: 'changed, and measured now',
  verified: 'predicted and measured',
  ignored: 'not shown on Home',
};

export function Findings() {
  usePageTitle('Findings');
  const load = useAnswer<FindingListsAnswer>(
    `/api/findings/lists?range=${encodeURIComponent(currentRange())}`,
    true,
  );
  const { value } = load;
  useEffect(() => {
    if (value !== undefined) openFindings.value = value.lists.open.length;
  }, [value]);
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The findings did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[32, 18, 420]} />;
  return (
    <div class={load.isStale ? 'is-stale' : ''} aria-busy={load.isStale}>
      <h1 class="answer">
        <Sentence words={value.sentence} />
      </h1>
      <p class="second">
        <Sentence words={value.second} />
      </p>
      <Lists answer={value} />
    </div>
  );
}

function chosenList(): FindingList {
  const asked = query.value.get('list');
  return LISTS.find(({ value }) => value === asked)?.value ?? 'open';
}

function Lists({ answer }: { readonly answer: FindingListsAnswer }) {
  const list = chosenList();
  const lines = answer.lists[list];
  const choices = LISTS.map(({ value, name }) => ({
    value,
    name: `${name} ${formatCount(answer.lists[value].length)}`,
  }));
  return (
    <section class="card finding-list" aria-labelledby="findings-title">
      <header>
        <h2 id="findings-title">Findings</h2>
        <span class="muted">{SUBTITLES[list]}</span>
        <span class="space" />
        <Segmented
          label="Which findings"
          choices={choices}
          value={list}
          onChoose={(value) => setParameters({ list: value === 'open' ? undefined : value, sort: undefined })}
        />
      </header>
      {lines.length === 0 ? <Nothing list={list} /> : <FindingsTable key={list} list={list} lines={lines} />}
      {list === 'verified' && <CalibrationNote calibration={answer.calibration} />}
    </section>
  );
}

function Nothing({ list }: { readonly list: FindingList }) {
  if (list !== 'open')
    return (
      <p class="card-note">
        {list === 'verifying'
          ? 'Nothing is being verified. After a change, “I changed it, verify” on the page of its finding starts that.'
          : list === 'verified'
            ? 'Nothing has been verified yet.'
            : 'Nothing is ignored.'}
      </p>
    );
  return (
    <p class="card-note">
      {NOTHING_FOUND}{' '}
      <a class="link" href={linkTo('/')}>
        See where ›
      </a>
    </p>
  );
}
