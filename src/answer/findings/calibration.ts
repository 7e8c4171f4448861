// How good predictions were: the tool's own record. In: lives of findings. Out: predicted beside measured, and what that says of predictions.

import { medianOf } from '../../analysis/statistics/chances.ts';
import { counted, formatCount, formatWholeShare } from '../../base/numbers.ts';
import type { Calibration, CalibrationRecord } from '../api.ts';
import type { KnownLife } from './finding-lives.ts';

const MOST_RECORDS = 50;
/** Requests that still show it: more of them, and it was not mended. */
const GONE_SHARE = 0.1;
/** Less than that is neither too much nor too little. */
const NO_BIAS = 0.05;

export function calibrationOf(lives: readonly KnownLife[]): Calibration {
  const records = lives.flatMap(recordOf).toSorted((a, b) => b.at - a.at);
  const judged = records.filter(({ isCeiling, saving }) => !isCeiling && saving.predictedUs > 0);
  const errors = judged.map(errorOf);
  const found = {
    verified: records.length,
    judged: judged.length,
    medianError: errors.length === 0 ? undefined : medianOf(errors.map(Math.abs)),
    medianBias: errors.length === 0 ? undefined : medianOf(errors),
    withinInterval: judged.filter(isWithin).length,
  };
  return { ...found, words: wordsOf(found), records: records.slice(0, MOST_RECORDS) };
}

/** Verified ones, and those that are gone and made requests slower: to leave these out would flatter. */
function recordOf({ id, kept, state, since, last }: KnownLife): CalibrationRecord[] {
  if (last === undefined) return [];
  const isMended = state === 'verified' || (state === 'worse' && last.stillShare <= GONE_SHARE);
  if (!isMended) return [];
  const { before, predicted, finding } = kept;
  const { service, method, route } = finding.effects[0] ?? finding.endpoint;
  const { title, isCeiling, saving } = finding;
  const { measured } = last;
  return [
    {
      findingId: id,
      title,
      service,
      method,
      route,
      at: since,
      before,
      predicted,
      measured,
      isCeiling,
      saving: {
        predictedUs: before.meanUs - predicted.meanUs,
        lowUs: saving.lowUs,
        highUs: saving.highUs,
        measuredUs: before.meanUs - measured.meanUs,
      },
    },
  ];
}

function errorOf({ saving: { predictedUs, measuredUs } }: CalibrationRecord): number {
  return (measuredUs - predictedUs) / predictedUs;
}

function isWithin({ saving: { lowUs, highUs, measuredUs } }: CalibrationRecord): boolean {
  return measuredUs >= lowUs && measuredUs <= highUs;
}

/** `Of 5 findings that were mended, …`. */
function wordsOf({
  verified,
  judged,
  medianError,
  medianBias = 0,
  withinInterval,
}: Omit<Calibration, 'records' | 'words'>): string {
  if (verified === 0) return '';
  if (medianError === undefined)
    return `${counted(verified, 'finding was', 'findings were')} mended so far, with upper bounds only: nothing can be said about predictions.`;
  const way = medianBias > NO_BIAS ? ', mostly too little' : medianBias < -NO_BIAS ? ', mostly too much' : '';
  const median = judged > 1 ? ' in the median' : '';
  const lay = `${formatCount(withinInterval)} of ${formatCount(judged)} measured ${judged === 1 ? 'one lies' : 'ones lie'} in the predicted 90% interval`;
  return `${counted(verified, 'finding was', 'findings were')} mended so far: the predicted saving was off by ${formatWholeShare(medianError)}${median}${way}; ${lay}.`;
}
