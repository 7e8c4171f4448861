// Why the slow requests of an endpoint are slow, in plain words. In: what typical and slow requests spent at each place. Out: the parts of the
// difference that are more than chance, largest first, each with its reason. Not here: the arithmetic (analysis/time/tail-gap.ts).

import { shortStatement } from '../../base/statement.ts';
import { formatDuration, formatRate, formatWholeShare } from '../../base/numbers.ts';
import { tailGap, type GapPart, type Spent, type SpentPart } from '../../analysis/time/tail-gap.ts';
import { CATEGORIES, CategoryIndex, type CategoryKey } from '../../model/category.ts';
import type { CallNode, TailGap, TailPart } from '../api.ts';

/** One place of one request: a call, or the request's own time. `self` by category. */
export interface SpentPlace extends Pick<
  CallNode,
  'kind' | 'name' | 'service' | 'category' | 'dependency' | 'callSite'
> {
  readonly calls: number;
  readonly self: readonly number[];
}

/** What slow requests have in common besides is asked for itself (in-common.ts). */
export type TailParts = Omit<TailGap, 'inCommon'>;

/** Fewer of either kind have no mean that says anything: 200 requests have ten from p95 up. */
const LEAST_REQUESTS = 10;
/** Slow ones that take less than this longer are as fast as the others. */
const LEAST_SHARE_OF_TYPICAL = 0.05;
/** Of the difference: smaller parts are the rest. */
const LEAST_SHARE_OF_GAP = 0.1;
/** A difference of two standard errors is chance once in twenty; requests that follow each other are alike, so a little more. */
const LEAST_ERRORS = 2.5;
const MOST_PARTS = 5;
/** One of both reasons has so much of a part: the other one is not told. */
const MOSTLY = 0.75;
/** Who has it: so many of the slow ones, and four times as many as of the others. */
const LEAST_PRESENCE = 0.1;
const TIMES_AS_MANY = 4;

export function tailOf(
  typical: readonly (readonly SpentPlace[])[],
  slow: readonly (readonly SpentPlace[])[],
): TailParts | undefined {
  if (typical.length < LEAST_REQUESTS || slow.length < LEAST_REQUESTS) return undefined;
  const labels = new Map<string, Label>();
  const [few, many] = [typical, slow].map((requests) => requests.map((places) => spentIn(places, labels)));
  const parts = tailGap(few ?? [], many ?? []);
  const typicalUs = parts.reduce((us, part) => us + part.typical.us, 0);
  const gapUs = parts.reduce((us, part) => us + part.us, 0);
  if (gapUs < LEAST_SHARE_OF_TYPICAL * typicalUs) return undefined;
  const told = parts
    .filter(({ us, errorUs }) => us >= LEAST_SHARE_OF_GAP * gapUs && us >= LEAST_ERRORS * errorUs)
    .slice(0, MOST_PARTS)
    .flatMap((part) => partOf(part, labels.get(part.key)) ?? []);
  return {
    requests: { typical: typical.length, slow: slow.length },
    typicalUs,
    slowUs: typicalUs + gapUs,
    parts: told,
    restUs: gapUs - told.reduce((us, part) => us + part.us, 0),
  };
}

type Label = Pick<TailPart, 'name' | 'category' | 'service' | 'dependency' | 'callSite'>;

/** A place's own work is a part for itself; waiting for connections is one for each peer, own code one for each service. */
function spentIn(places: readonly SpentPlace[], labels: Map<string, Label>): Spent {
  const spent = new Map<string, SpentPart>();
  for (const place of places)
    for (const [index, us] of place.self.entries()) {
      const category = CATEGORIES[index]?.key ?? 'other';
      const isWork = place.kind === 'call' && category === place.category;
      if (us <= 0 && !isWork) continue;
      const label = labelOf(place, category, isWork);
      const key = [label.name, label.category, label.service, label.dependency].join('\0');
      if (labels.get(key)?.callSite !== '') labels.set(key, label);
      const known = spent.get(key) ?? { calls: 0, us: 0 };
      const calls = isWork ? known.calls + place.calls : 1;
      spent.set(key, { calls, us: known.us + us });
    }
  return spent;
}

function labelOf(place: SpentPlace, category: CategoryKey, isWork: boolean): Label {
  const { service, dependency, callSite } = place;
  if (isWork) return { name: place.name, category, service, dependency, callSite };
  const ofPeer = category === 'pool' || category === 'conn' ? dependency : '';
  return { name: '', category, service, dependency: ofPeer, callSite: ofPeer === '' ? '' : callSite };
}

function partOf(part: GapPart, label: Label | undefined): TailPart | undefined {
  if (label === undefined) return undefined;
  const { us, callsUs, lengthUs, typical, slow } = part;
  return { ...label, title: titleOf(label), why: whyOf(part, label), us, callsUs, lengthUs, typical, slow };
}

/** `SELECT … FROM items`, `opening connections to Redis`, `own code of cart`. */
function titleOf({ name, category, service, dependency }: Label): string {
  if (name !== '') return shortStatement(name);
  if (category === 'pool') return `waiting for a free connection to ${dependency}`;
  if (category === 'conn') return `opening connections to ${dependency}`;
  if (category === 'own') return `own code of ${service}`;
  if (category === 'loop') return `waiting for the event loop of ${service}`;
  return `${CATEGORIES[CategoryIndex[category]].phrase} (${service})`;
}

/** `24 calls instead of 5`, `80.0 ms each instead of 12.0 ms`, `in 41% of slow requests, in 2% of typical ones`. */
function whyOf({ us, callsUs, typical, slow }: GapPart, { name }: Label): string {
  const isRare = slow.presence >= LEAST_PRESENCE && slow.presence >= TIMES_AS_MANY * typical.presence;
  if (isRare && typical.presence === 0)
    return `in ${formatWholeShare(slow.presence)} of slow requests, in no typical one`;
  if (isRare)
    return `in ${formatWholeShare(slow.presence)} of slow requests, in ${formatWholeShare(typical.presence)} of typical ones`;
  const calls = `${formatRate(slow.calls)} calls instead of ${formatRate(typical.calls)}`;
  if (name !== '' && callsUs >= MOSTLY * us) return calls;
  const isSingle = name === '' || (slow.calls <= 1 && typical.calls <= 1);
  const [now, before] = [slow, typical].map((each) => lengthOf(each, isSingle));
  const length = `${now}${isSingle ? '' : ' each'} instead of ${before}`;
  return name === '' || us - callsUs >= MOSTLY * us ? length : `${calls}, and ${length}`;
}

function lengthOf({ calls, us }: SpentPart, isSingle: boolean): string {
  return formatDuration(Math.round(isSingle || calls === 0 ? us : us / calls));
}
