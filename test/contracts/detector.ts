// What every detector must show: a case that it finds, at its line and with a saving; the nearest cases that it leaves alone; and on
// both sides of a threshold the last silent and the first loud value. In: recordings. Out: tests.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Detector } from '../../src/analysis/detectors/detector.ts';
import { findingsOf, type Findings } from '../../src/analysis/engine.ts';
import type { Sample } from '../../src/analysis/sample/sample.ts';
import type { Recording } from './recorded-requests.ts';

export interface DetectorCase {
  readonly detector: Detector;
  readonly finds: {
    readonly recording: Recording;
    readonly callSite: string;
    /** Saved per request of the endpoint that gains most, in µs. */
    readonly savesUs: readonly [least: number, most: number];
  };
  /** What it must not take for it. */
  readonly leaves: Readonly<Record<string, Recording>>;
  readonly threshold: { readonly of: string; readonly lastSilent: Recording; readonly firstLoud: Recording };
}

export function detectorSuite({ detector, finds, leaves, threshold }: DetectorCase): void {
  describe(detector.kind, () => {
    test('is found, with its place and its saving', () => {
      const { findings } = allFindings(finds.recording.sample());
      const found = findings.find(({ kind }) => kind === detector.kind);
      assert.ok(found !== undefined, `found only ${findings.map(({ kind }) => kind).join(', ')}`);
      assert.equal(found.callSite, finds.callSite);
      const [least, most] = finds.savesUs;
      const { meanUs, lowUs, highUs } = found.saving;
      assert.ok(meanUs >= least && meanUs <= most, `saves ${meanUs} µs`);
      assert.ok(lowUs <= meanUs && meanUs <= highUs);
      assert.ok(found.evidence.traceIds.length > 0 && found.fix !== '' && found.title !== '');
    });
    test('is found within 100 requests of its endpoint', () => {
      // Two endpoints take turns where one waits for the other.
      const endpoints = finds.recording.sample().entries.size;
      const { findings } = allFindings(finds.recording.sample(6, 100 * endpoints));
      assert.ok(findings.some(({ kind }) => kind === detector.kind));
    });
    for (const [name, recording] of Object.entries(leaves))
      test(`leaves alone: ${name}`, () =>
        assert.deepEqual(
          allFindings(recording.sample()).findings.filter(({ kind }) => kind === detector.kind),
          [],
        ));
    test(`${threshold.of}: the last silent and the first loud value`, () => {
      assert.equal(suspected(detector, threshold.lastSilent), 0);
      assert.equal(suspected(detector, threshold.firstLoud), 1);
    });
  });
}

function suspected(detector: Detector, recording: Recording): number {
  return [...detector.detect(recording.sample())].filter((step) => step !== undefined).length;
}

export function allFindings(sample: Sample): Findings {
  const steps = findingsOf(sample);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
