import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Recording, type Told } from '../../../test/contracts/recorded-requests.ts';
import { REPEAT_NEVER } from '../../model/repeat.ts';
import { groupsOf, mostAsked } from './same-question.ts';

const BETWEEN_REQUESTS_US = 50_000;

/** One statement for each kind, all begun within some µs (`Promise.all` over a list); in each request the same kinds. */
function atOnce(stepUs: number): Recording {
  const recording = new Recording();
  for (let request = 0; request < 20; request++) {
    const operations = Array.from({ length: 6 }, (_, index): Told => ({
      statement: 'SELECT sum(amount) FROM sales WHERE kind = ?',
      gapUs: 0,
      ...(index > 0 && { withLast: true, afterLastUs: stepUs }),
      phases: { wait: 5000 },
      repeatAgeUs: request === 0 ? REPEAT_NEVER : BETWEEN_REQUESTS_US,
    }));
    recording.add({ atUs: 1_000_000 + request * BETWEEN_REQUESTS_US, operations });
  }
  return recording;
}

for (const stepUs of [0, 1, 2, 5])
  it(`different values that are asked at once, ${stepUs} µs apart, are different questions`, () => {
    const sample = atOnce(stepUs).sample();
    const groups = groupsOf(sample);
    for (const { operations } of sample.nodes) assert.equal(mostAsked(groups, operations).length, 1);
  });

it('the same value asked three times at once is one question', () => {
  const recording = new Recording();
  for (let request = 0; request < 5; request++)
    recording.add({
      atUs: 1_000_000 + request * BETWEEN_REQUESTS_US,
      operations: Array.from({ length: 3 }, (_, index): Told => ({
        gapUs: 0,
        ...(index > 0 && { withLast: true, afterLastUs: 1 }),
        phases: { wait: 5000 },
        repeatAgeUs: index > 0 ? 1 : request > 0 ? BETWEEN_REQUESTS_US - 2 : REPEAT_NEVER,
      })),
    });
  const sample = recording.sample();
  for (const { operations } of sample.nodes) assert.equal(mostAsked(groupsOf(sample), operations).length, 3);
});
