export interface Workload {
  /** Markers that one request writes. */
  readonly markers: number;
  /** Its operations wait for a pool of 1. */
  readonly waits?: boolean;
  /** Connections are cut: some operations are never written, others twice. */
  readonly isDisturbed?: boolean;
  /** Of the markers, the share that may be hidden. */
  readonly hiddenShare?: number;
  readonly setup: (...args: never[]) => unknown;
}

export const WORKLOADS: Readonly<Record<string, Workload>>;
