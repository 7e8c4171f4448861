// The words for the numbers of HTTP/2 and gRPC. In: codes and texts of peers. Out: names as their specifications have them.

/** RFC 9113 §7. */
const RESETS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

export function resetName(code: number): string {
  return RESETS[code] ?? `reset ${code}`;
}

export function grpcStatusName(status: number): string {
  return GRPC_STATUSES[status] ?? `status ${status}`;
}

const UNIT_NS: Readonly<Record<string, number>> = { H: 3.6e12, M: 6e10, S: 1e9, m: 1e6, u: 1e3, n: 1 };

/** `100m`: at most 8 digits and a unit (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
export function grpcDeadlineNs(timeout: string): number | undefined {
  const found = /^(\d{1,8})([HMSmun])$/.exec(timeout);
  return found === null ? undefined : Number(found[1]) * (UNIT_NS[found[2] ?? ''] ?? 0);
}
