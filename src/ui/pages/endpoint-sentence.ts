// Why the slow requests are slow, in one sentence, from fixed templates. In: the means of two regions. Out: words. Pure.

import type { Words } from '../../answer/api.ts';
import { formatCount, formatDuration, formatRate } from '../../base/numbers.ts';
import type { RegionMean } from '../canvas/latency-grid.ts';
import { differences } from '../parts/compare.tsx';

/** Fewer requests have no typical and no slow ones. */
export const FEWEST_REQUESTS = 30;
/** From this many times the operations on, they are the reason. */
const MORE_OPERATIONS = 1.5;
/** A second reason has at least this share of the first. */
const SECOND_REASON = 0.25;
/** Regions that differ by less are the same. */
const SAME_SHARE = 0.05;

export function endpointSentence(
  requests: number,
  typical: RegionMean,
  selected: RegionMean,
  isDefault: boolean,
): readonly Words[] {
  if (requests < FEWEST_REQUESTS)
    return [
      {
        text: `With ${formatCount(requests)} request${requests === 1 ? '' : 's'}, slow ones cannot be told from typical ones; ${FEWEST_REQUESTS} are needed.`,
      },
    ];
  if (selected.requests === 0) return [{ text: 'No request is in the selected region.' }];
  const who = isDefault ? 'Slow requests' : 'The selected requests';
  const moreUs = selected.durationUs - typical.durationUs;
  if (Math.abs(moreUs) < typical.durationUs * SAME_SHARE)
    return [
      { text: `${who} take as long as typical ones: ` },
      { text: formatDuration(Math.round(selected.durationUs)), isStrong: true },
      { text: '.' },
    ];
  const reasons = reasonsOf(typical, selected, moreUs > 0 ? 1 : -1);
  const ratio = typical.operations > 0 ? selected.operations / typical.operations : 1;
  const opening: Words[] =
    ratio >= MORE_OPERATIONS && moreUs > 0
      ? [
          { text: `${who} run ` },
          { text: `${formatRate(ratio)} times as many operations`, isStrong: true },
          { text: ': that comes with ' },
        ]
      : [{ text: `${who} spend ` }];
  return [...opening, ...joined(reasons), { text: restOf(moreUs, reasons) }];
}

interface Reason {
  readonly words: Words;
  readonly us: number;
}

function reasonsOf(typical: RegionMean, selected: RegionMean, sign: 1 | -1): readonly Reason[] {
  const all = differences(typical.categories, selected.categories)
    .map((each) => ({ ...each, us: each.difference * sign }))
    .filter(({ us }) => us > 0)
    .toSorted((a, b) => b.us - a.us);
  const [first] = all;
  return all
    .slice(0, 2)
    .filter(({ us }) => first !== undefined && us >= first.us * SECOND_REASON)
    .map(({ key, phrase, us }) => ({
      us: us * sign,
      words: {
        text: `${formatDuration(Math.round(us))} ${sign > 0 ? 'more' : 'less'} ${phrase}`,
        isStrong: true,
        swatch: key,
      },
    }));
}

function joined(reasons: readonly Reason[]): Words[] {
  return reasons.flatMap(({ words }, index) => (index === 0 ? [words] : [{ text: ' and ' }, words]));
}

/** What the named reasons leave of the difference, so that the sentence adds up. */
function restOf(moreUs: number, reasons: readonly Reason[]): string {
  const rest = Math.round(moreUs - reasons.reduce((sum, { us }) => sum + us, 0));
  if (Math.abs(rest) < Math.abs(moreUs) * SAME_SHARE) return '. Everything else is the same.';
  return `; everything else together is ${formatDuration(Math.abs(rest))} ${rest > 0 ? 'more' : 'less'}.`;
}
