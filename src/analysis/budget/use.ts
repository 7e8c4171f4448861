// What the requests of one endpoint used, as budgets ask for it. In, out: types only. Durations are µs.

import type { CategoryVector } from '../../model/row.ts';
import type { EndpointName, FindingKind } from '../../model/finding.ts';

/** Something in the code that a broken budget can point at. */
export interface Place {
  readonly what: string;
  /** file:line:column, or '' when no call site was seen. */
  readonly callSite: string;
}

export interface CallUse {
  /** Over all requests of the endpoint. */
  readonly count: number;
  /** In the request that made most of them; undefined when there are too many calls to count them by request. */
  readonly most: number | undefined;
  readonly places: readonly Place[];
}

export interface EndpointUse extends EndpointName {
  readonly requests: number;
  readonly errors: number;
  readonly meanUs: number;
  /** undefined: too few requests. */
  readonly p50Us: number | undefined;
  readonly p95Us: number | undefined;
  readonly p99Us: number | undefined;
  readonly maxUs: number;
  /** Sums over its requests. */
  readonly categories: CategoryVector;
  /** Of its own process, not of traced callees. */
  readonly operations: CallUse;
  /** Calls that had to open their connection, over all requests. */
  readonly newConnections: number;
  readonly newConnectionPlaces: readonly Place[];
  /** Statement pattern of a budget → calls of what it matches. */
  readonly calls: ReadonlyMap<string, CallUse>;
  readonly findings: readonly (Place & { readonly kind: FindingKind })[];
}
