// How good predictions were so far, from everything that was mended.

import type { Calibration, CalibrationRecord } from '../../answer/api.ts';
import { formatSignedShare } from '../../base/numbers.ts';
import { Duration } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import { findingPath } from '../state/finding-words.ts';

/** More of them are for `wiretime findings --state verified --json`. */
const MOST_ROWS = 10;

export function CalibrationNote({ calibration }: { readonly calibration: Calibration }) {
  const { words, records } = calibration;
  if (words === '') return null;
  return (
    <>
      <p class="card-note">{words}</p>
      <table class="table compact">
        <thead>
          <tr>
            <th scope="col">Predicted and measured, of one request on average</th>
            <th scope="col" class="numeric">
              Predicted
            </th>
            <th scope="col" class="numeric">
              90% interval
            </th>
            <th scope="col" class="numeric">
              Measured
            </th>
            <th scope="col" class="numeric">
              Off by
            </th>
          </tr>
        </thead>
        <tbody>
          {records.slice(0, MOST_ROWS).map((record) => (
            <Row key={record.findingId} record={record} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Row({ record }: { readonly record: CalibrationRecord }) {
  const { findingId, title, saving, isCeiling } = record;
  const { predictedUs, lowUs, highUs, measuredUs } = saving;
  const off = isCeiling || predictedUs <= 0 ? undefined : (measuredUs - predictedUs) / predictedUs;
  return (
    <tr data-row>
      <td>
        <a href={linkTo(findingPath(findingId))}>{title}</a>
      </td>
      <td class="numeric">
        {isCeiling && 'at most '}
        <Duration us={predictedUs} />
      </td>
      <td class="numeric muted">
        <Duration us={lowUs} /> to <Duration us={highUs} />
      </td>
      <td class="numeric strong">
        <Duration us={measuredUs} />
      </td>
      <td class="numeric muted">{off === undefined ? '' : formatSignedShare(off)}</td>
    </tr>
  );
}
