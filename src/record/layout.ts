// The numbers of FORMAT.md as code, for writers and readers. Not here: reading or writing.

export const BATCH_MAGIC = 0x31525457; // 'WTR1'
export const FORMAT_VERSION = 1;
export const BATCH_HEADER_BYTES = 48;
export const RECORD_HEADER_BYTES = 24;
/** Longer batches are refused by the reader: an agent sends at 64 KiB, so 1 MiB is only reached by garbage. */
export const BATCH_LIMIT_BYTES = 1 << 20;

export const Kind = {
  hello: 1,
  connectionOpen: 2,
  write: 3,
  read: 4,
  connectionPhase: 5,
  close: 6,
  requestStart: 7,
  requestEnd: 8,
  call: 9,
  grant: 10,
  callSite: 11,
  gc: 12,
  stats: 13,
  goodbye: 14,
  driverOperation: 15,
  streamStart: 16,
  streamAnswer: 17,
  streamEnd: 18,
  requestTrace: 19,
  codePlace: 20,
  codeLooks: 21,
} as const;

export const OpenFlag = { accepted: 1, tls: 2, unix: 4, udp: 8, alreadyOpen: 16 } as const;
export const WriteFlag = { orderedContexts: 1 } as const;
export const CloseFlag = { error: 1 } as const;
export const RequestEndFlag = { aborted: 1, openEnd: 2 } as const;
export const DriverFlag = { setUp: 1, failed: 2, cut: 4, format: 8, values: 16 } as const;
export const StreamStartFlag = { grpc: 1 } as const;
/** `codeLooks`: only while something blocked; what ran at other times was not looked at. */
export const CodeLooksFlag = { blockedOnly: 1 } as const;
/** `streamEnd`: the trailers had a `grpc-status`. */
export const StreamEndFlag = { grpcStatus: 1 } as const;
/** In a `driverOperation`: the driver did not say how many rows. */
export const UNKNOWN_ROWS = 0xffffffff;
/** The flags above this bit are the number of the thread, for agents of processes that have more than one. */
export const THREAD_SHIFT = 6;
export const Phase = { resolved: 1, connected: 2, secured: 3, failed: 4 } as const;

/** In a context: no request was running. */
export const NO_REQUEST = 0;
/** In a context: a request may have caused it, but the agent cannot know which. */
export const HIDDEN_REQUEST = 0xffffffff;

export const WRITE_CAPTURE_BYTES = 16 * 1024;
export const READ_HEAD_BYTES = 512;
/** Of the first read after a write: heads of HTTP responses with cookies and a content security policy are 0.6-2 KB long. */
export const ANSWER_HEAD_BYTES = 2048;
export const READ_TAIL_BYTES = 64;

/** Payload of `hello`. */
export interface Hello {
  readonly pid: number;
  readonly ppid: number;
  readonly thread: number;
  readonly service: string;
  readonly runtime: 'node' | 'python';
  readonly version: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly host: string;
  readonly wallClockMs: number;
  readonly monotonicNs: number;
  readonly hooked: readonly string[];
  readonly notVisible: readonly string[];
  readonly agent: string;
}

/** Payload of `stats`: totals since the process started. */
export interface Stats {
  readonly droppedRecords: number;
  readonly droppedBytes: number;
  readonly records: number;
  readonly bytes: number;
  readonly cpuUserUs: number;
  readonly cpuSystemUs: number;
  readonly rssBytes: number;
  /** What the agent's own work took, as far as it knows. */
  readonly ownCpuUs?: number;
  /** Garbage collections that were seen in windows of a thirtieth of the time, how long they stopped the thread, and how long it was busy then, with them. */
  readonly gcCount?: number;
  readonly gcPausedUs?: number;
  readonly gcBusyUs?: number;
  /** How far it holds back, to keep within its budget: 0 not at all, from 2 on requests are left out. */
  readonly step?: number;
  readonly skippedRequests?: number;
  readonly errors: number;
  readonly hooked: readonly string[];
  readonly notVisible: readonly string[];
  /** Connection pools that were made. */
  readonly pools: readonly PoolMade[];
}

export interface PoolMade {
  readonly library: string;
  /** Id of a `callSite` record. */
  readonly callSite: number;
}
