// Every detector. A new one is a file beside this one, a line here, and a case in test/contracts/detector.test.ts.

import { blockedLoop } from './blocked-loop.ts';
import type { Detector } from './detector.ts';
import { duplicateCall } from './duplicate-call.ts';
import { nPlusOneCalls, nPlusOneQueries } from './n-plus-one.ts';
import { newConnections, tlsPerCall } from './new-connections.ts';
import { poolStarvation } from './pool-starvation.ts';
import { sequentialCalls } from './sequential-calls.ts';
import { slowOperation } from './slow-operation.ts';
import { stall } from './stall.ts';

export const DETECTORS: readonly Detector[] = [
  nPlusOneQueries,
  nPlusOneCalls,
  duplicateCall,
  stall,
  tlsPerCall,
  newConnections,
  poolStarvation,
  blockedLoop,
  sequentialCalls,
  slowOperation,
];
