// How good predictions were so far, from everything that was verified.

import type { Calibration } from '../../answer/api.ts';
import { formatCount, formatWholeShare } from '../../base/numbers.ts';

export function CalibrationNote({ calibration }: { readonly calibration: Calibration }) {
  const { verified, medianError } = calibration;
  if (verified === 0 || medianError === undefined) return null;
  return (
    <p class="card-note">
      Of {formatCount(verified)} verified {verified === 1 ? 'finding' : 'findings'}, the predicted saving was
      off by {formatWholeShare(medianError)} {verified > 1 && 'in the median'}.
    </p>
  );
}
