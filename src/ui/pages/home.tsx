// Where the time goes: the answer, all request time, endpoints, dependencies, and what to make faster. In: the answer of /api/home.
// Without any request yet: who is connected, and what to do.

import { useEffect } from 'preact/hooks';
import type { HomeAnswer } from '../../answer/api.ts';
import { formatCount, formatShare } from '../../base/numbers.ts';
import { coreWaitSentence } from '../../model/core-wait.ts';
import { futureSentence } from '../../model/future.ts';
import { ownCodeSentence } from '../../model/own-code.ts';
import { collectionSentence } from '../../model/told-cpu.ts';
import { BigBar } from '../parts/big-bar.tsx';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { Sentence } from '../parts/text.tsx';
import { UntracedNotice } from '../parts/untraced.tsx';
import { refreshStatus, status, useAnswer } from '../state/answers.ts';
import { currentRange } from '../state/range.ts';
import { Dependencies } from './home-dependencies.tsx';
import { chosenCategory, FilterNotice, filterTo, onlyCategory } from './home-category.tsx';
import { EmptyRange, Ready } from './home-empty.tsx';
import { Endpoints } from './home-endpoints.tsx';
import { Findings } from './home-findings.tsx';

export function Home() {
  usePageTitle('Where the time goes');
  const load = useAnswer<HomeAnswer>(`/api/home?range=${encodeURIComponent(currentRange())}`, true);
  const { value } = load;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The answer did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[32, 18, 60, 360, 140]} />;
  if (value.requests === 0) return <NoRequests home={value} />;
  const chosen = chosenCategory();
  const shown = chosen === undefined ? value : onlyCategory(value, chosen);
  return (
    <div class={load.isStale ? 'is-stale' : ''} aria-busy={load.isStale}>
      <Answer home={value} />
      <BigBar
        categories={value.categories}
        totalUs={value.totalUs}
        chosen={chosen}
        onChoose={(key) => filterTo(key === chosen ? undefined : key)}
      />
      {chosen !== undefined && <FilterNotice home={value} category={chosen} />}
      <div class="sections-of-home">
        <Endpoints home={shown} />
        {shown.dependencies.length > 0 && <Dependencies home={shown} />}
        <Findings home={value} onReady={load.retry} />
      </div>
      <Coverage home={value} />
    </div>
  );
}

function NoRequests({ home }: { readonly home: HomeAnswer }) {
  const seen = status.value?.lastRequestAt;
  useEffect(() => {
    if (status.value === undefined) void refreshStatus();
  }, []);
  return seen === undefined ? <Ready /> : <EmptyRange home={home} lastRequestAt={seen} />;
}

function Answer({ home }: { readonly home: HomeAnswer }) {
  return (
    <>
      <h1 class="answer">
        <Sentence words={home.sentence} />
      </h1>
      <p class="second">
        <Sentence words={home.second} />
      </p>
      <DroppedNotice home={home} />
      <FutureNotice home={home} />
      <UntracedNotice names={untracedServices(home)} />
    </>
  );
}

/** Own services that are called, but are not among those that were seen from inside. */
function untracedServices({ dependencies, services }: HomeAnswer): string[] {
  const traced = new Set(services.map(({ name }) => name));
  return dependencies
    .filter(({ category, name }) => category === 'http' && !traced.has(name))
    .map(({ name }) => name);
}

function DroppedNotice({ home }: { readonly home: HomeAnswer }) {
  const { dropped, operations } = home.coverage;
  if (dropped === 0) return null;
  return (
    <p class="notice warn">
      <i aria-hidden="true">▲</i>
      <span>
        {formatShare(dropped / (dropped + operations))} of what the agents saw was dropped under load and is
        missing here.
      </span>
    </p>
  );
}

function FutureNotice({ home }: { readonly home: HomeAnswer }) {
  const sentence = futureSentence(home.window.to, Date.now());
  if (sentence === '' || home.requests === 0) return null;
  return (
    <p class="notice warn">
      <i aria-hidden="true">▲</i>
      <span>{sentence}</span>
    </p>
  );
}

/** What the numbers rest on, and what they leave out: never hidden. */
function Coverage({ home }: { readonly home: HomeAnswer }) {
  const {
    operations,
    attributed,
    noRequest,
    notVisible,
    notVisibleNames,
    unseenShare,
    coreWaits,
    toldCpu,
    ownCode,
  } = home.coverage;
  if (operations === 0)
    return ownCode.length === 0 ? null : <p class="footnote">{ownCodeSentence(ownCode)}</p>;
  const share = (count: number) => formatShare(count / operations);
  return (
    <p class="footnote">
      Of {formatCount(operations)} operations, {share(attributed)} belong to one request, {share(noRequest)}{' '}
      ran outside of any request, {share(notVisible)} could not be tied to one
      {notVisibleNames.length > 0 && ` (${notVisibleNames.join(', ')})`}.
      {unseenShare > 0 &&
        ` At most ${formatShare(unseenShare)} of the time of requests may hide in what is not visible.`}{' '}
      {coreWaitSentence(coreWaits)} {collectionSentence(toldCpu)} {ownCodeSentence(ownCode)}
    </p>
  );
}
