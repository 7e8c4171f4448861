// Every detector. A new one is a file beside this one, a line here, and a case in test/contracts/detector.test.ts.

import { blockedLoop } from './blocked-loop.ts';
import { cacheable } from './cacheable.ts';
import { coldStart } from './cold-start.ts';
import { controlStatements } from './control-statements.ts';
import { deferrable } from './deferrable.ts';
import type { Detector } from './detector.ts';
import { duplicateCall } from './duplicate-call.ts';
import { farDependency } from './far-dependency.ts';
import { headOfLine } from './head-of-line.ts';
import { heldConnection } from './held-connection.ts';
import { largeAnswer } from './large-answer.ts';
import { loopOfCalls } from './loop-of-calls.ts';
import { missingCompression } from './missing-compression.ts';
import { nPlusOneCalls, nPlusOneQueries } from './n-plus-one.ts';
import { newChannels } from './new-channels.ts';
import { dnsPerCall, newConnections, tlsPerCall } from './new-connections.ts';
import { pointerChase } from './pointer-chase.ts';
import { polling } from './polling.ts';
import { poolStarvation } from './pool-starvation.ts';
import { retries } from './retries.ts';
import { rowLock } from './row-lock.ts';
import { sequentialCalls } from './sequential-calls.ts';
import { sharedFetch } from './shared-fetch.ts';
import { slowOperation } from './slow-operation.ts';
import { stall } from './stall.ts';
import { timeouts } from './timeouts.ts';
import { vainCache } from './vain-cache.ts';
import { wideFanOut } from './wide-fan-out.ts';

export const DETECTORS: readonly Detector[] = [
  pointerChase,
  loopOfCalls,
  nPlusOneQueries,
  nPlusOneCalls,
  polling,
  wideFanOut,
  duplicateCall,
  sharedFetch,
  timeouts,
  retries,
  stall,
  dnsPerCall,
  tlsPerCall,
  newConnections,
  newChannels,
  heldConnection,
  poolStarvation,
  rowLock,
  blockedLoop,
  headOfLine,
  coldStart,
  controlStatements,
  farDependency,
  sequentialCalls,
  deferrable,
  missingCompression,
  largeAnswer,
  slowOperation,
  vainCache,
  cacheable,
];
