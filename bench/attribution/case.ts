// What one line of the matrix is. In: names. Out: a case.

import type { BrokerName } from './brokers.ts';
import type { Style } from './entry.ts';

export interface Case {
  readonly driver: string;
  readonly packages: readonly string[];
  /** The driver's module, and others that its workloads need. */
  readonly modules: readonly string[];
  readonly workloads: readonly string[];
  readonly style: Style;
  /** The oldest Node that the driver itself runs on. */
  readonly sinceNode?: number;
  /** By the time it comes to the driver nothing on the stack leads to the application: call sites may be unknown, never wrong. */
  readonly losesCallSites?: boolean;
  /** Servers beside the databases. */
  readonly brokers?: readonly BrokerName[];
}

/** A driver that is loaded with `require` unless `more` says otherwise. */
export function cases(
  driver: string,
  packages: readonly string[],
  modules: readonly string[],
  workloads: readonly string[],
  more: Partial<Case> = {},
): Case {
  return { driver, packages, modules, workloads, style: 'cjs', ...more };
}
