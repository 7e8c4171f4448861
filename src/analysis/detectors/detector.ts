// What a detector is: it looks at a sample and says what it suspects, with the change that would mend it. What that saves, whether
// it is worth saying, and how suspicions about the same operations are told apart is decided once for all of them (engine.ts).

import type { Change } from '../replay/change.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import type { Confidence, EndpointName, FindingKind } from '../../model/finding.ts';

export interface Detector {
  readonly kind: FindingKind;
  /** Gives way (undefined) after each piece of work of some milliseconds. */
  detect(sample: Sample): Steps;
}

export type Steps = Generator<Suspicion | undefined, void>;

/** Looks at one endpoint after the other. */
export function* byEndpoint(
  sample: Sample,
  look: (nodes: readonly RequestNode[]) => readonly Suspicion[],
): Steps {
  for (const nodes of sample.byEndpoint.values()) {
    yield* look(nodes);
    yield undefined;
  }
}

export const NO_OPERATION: Suspicion['at'] = {
  process: -1,
  statement: '',
  dependency: '',
  protocol: 'unknown',
};

export interface Suspicion {
  readonly kind: FindingKind;
  readonly title: string;
  readonly endpoint: EndpointName;
  /** An operation that stands for it: names the statement and the dependency. `NO_OPERATION`: it is about none. */
  readonly at: Pick<SampledOperation, 'process' | 'statement' | 'dependency' | 'protocol'>;
  readonly callSite: string;
  /** Requests that show it. */
  readonly requests: readonly RequestNode[];
  /** Requests that could have shown it. */
  readonly lookedAt: number;
  readonly change: Change;
  /** The same with the parameters of the fix at their worst and at their best, when it has any. */
  readonly least?: Change;
  readonly most?: Change;
  /** The best that the evidence allows; little support lowers it. */
  readonly confidence: Confidence;
  readonly isCeiling?: boolean;
  /** It happens once in each process: how often says nothing, its detector has judged whether it is chance. */
  readonly isOnce?: boolean;
  /** Of what its peer is asked, the part that would not be asked any more, 0..1: load that is worth a word whatever time it takes. */
  readonly loadShare?: number;
  /** What its page counts in each request that shows it; else the operations that the change touches. */
  readonly count?: { readonly name: string; readonly of: (node: RequestNode) => number };
  readonly fix: string;
}
