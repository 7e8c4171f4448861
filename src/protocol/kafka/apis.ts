// Kafka's requests: names, from which version on they are "flexible" (compact texts, tagged fields), and where an answer has its error.
// In: the key of a request. Out: what is known of it.
// Spec: https://kafka.apache.org/protocol.html#protocol_api_keys

export const ApiKey = {
  Produce: 0,
  Fetch: 1,
  SaslHandshake: 17,
  ApiVersions: 18,
  SaslAuthenticate: 36,
} as const;

/** Where the error code of an answer is. */
export const ErrorAt = {
  /** Not in one place. */
  none: 0,
  /** It comes first. */
  first: 1,
  /** Behind the time by which the client is throttled, which answers have from some version on. */
  behindThrottle: 2,
  /** In the first partition of the first topic. */
  firstPartition: 3,
} as const;

export interface Api {
  readonly key: number;
  readonly name: string;
  readonly flexibleFrom: number;
  readonly errorAt: (typeof ErrorAt)[keyof typeof ErrorAt];
  readonly throttledFrom: number;
  /** It is answered when there is news: messages, the other members of the group. */
  readonly isWait: boolean;
  readonly isSetup: boolean;
}

const NEVER = 999;
const apis = new Map<number, Api>();

type Facts = Partial<Omit<Api, 'key' | 'name' | 'flexibleFrom'>>;

function add(key: number, name: string, flexibleFrom: number, facts: Facts = {}): void {
  apis.set(key, {
    key,
    name,
    flexibleFrom,
    errorAt: ErrorAt.none,
    throttledFrom: 0,
    isWait: false,
    isSetup: false,
    ...facts,
  });
}

const { first, behindThrottle, firstPartition } = ErrorAt;
add(0, 'Produce', 9, { errorAt: firstPartition });
add(1, 'Fetch', 12, { isWait: true });
add(2, 'ListOffsets', 6);
add(3, 'Metadata', 9);
add(8, 'OffsetCommit', 8);
add(9, 'OffsetFetch', 6);
add(10, 'FindCoordinator', 3);
add(11, 'JoinGroup', 6, { errorAt: behindThrottle, throttledFrom: 2, isWait: true });
add(12, 'Heartbeat', 4, { errorAt: behindThrottle, throttledFrom: 1 });
add(13, 'LeaveGroup', 4, { errorAt: behindThrottle, throttledFrom: 1 });
add(14, 'SyncGroup', 4, { errorAt: behindThrottle, throttledFrom: 1, isWait: true });
add(15, 'DescribeGroups', 5);
add(16, 'ListGroups', 3);
add(17, 'SaslHandshake', NEVER, { errorAt: first, isSetup: true });
add(18, 'ApiVersions', 3, { errorAt: first, isSetup: true });
add(19, 'CreateTopics', 5);
add(20, 'DeleteTopics', 4);
add(21, 'DeleteRecords', 2);
add(22, 'InitProducerId', 2, { errorAt: behindThrottle });
add(23, 'OffsetForLeaderEpoch', 4);
add(24, 'AddPartitionsToTxn', 3);
add(25, 'AddOffsetsToTxn', 3, { errorAt: behindThrottle });
add(26, 'EndTxn', 3, { errorAt: behindThrottle });
add(28, 'TxnOffsetCommit', 3);
add(29, 'DescribeAcls', 2);
add(30, 'CreateAcls', 2);
add(31, 'DeleteAcls', 2);
add(32, 'DescribeConfigs', 4);
add(33, 'AlterConfigs', 2);
add(36, 'SaslAuthenticate', 2, { errorAt: first, isSetup: true });
add(37, 'CreatePartitions', 2);
add(42, 'DeleteGroups', 2);
add(44, 'IncrementalAlterConfigs', 1);
add(45, 'AlterPartitionReassignments', 0);
add(46, 'ListPartitionReassignments', 0);
add(47, 'OffsetDelete', NEVER);
add(60, 'DescribeCluster', 0);
add(61, 'DescribeProducers', 0);
add(65, 'DescribeTransactions', 0);
add(66, 'ListTransactions', 0);
add(68, 'ConsumerGroupHeartbeat', 0, { errorAt: behindThrottle });
add(69, 'ConsumerGroupDescribe', 0);
add(71, 'GetTelemetrySubscriptions', 0);
add(72, 'PushTelemetry', 0);
add(75, 'DescribeTopicPartitions', 0);

export function apiOf(key: number): Api | undefined {
  return apis.get(key);
}

const ERRORS: Readonly<Record<number, string>> = {
  1: 'OFFSET_OUT_OF_RANGE',
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  10: 'MESSAGE_TOO_LARGE',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  17: 'INVALID_TOPIC_EXCEPTION',
  19: 'NOT_ENOUGH_REPLICAS',
  20: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  22: 'ILLEGAL_GENERATION',
  25: 'UNKNOWN_MEMBER_ID',
  27: 'REBALANCE_IN_PROGRESS',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  30: 'GROUP_AUTHORIZATION_FAILED',
  33: 'UNSUPPORTED_SASL_MECHANISM',
  35: 'UNSUPPORTED_VERSION',
  45: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  47: 'INVALID_PRODUCER_EPOCH',
  58: 'SASL_AUTHENTICATION_FAILED',
  79: 'MEMBER_ID_REQUIRED',
};

/** The specification's name of an error code, or its number. */
export function errorName(code: number): string {
  return ERRORS[code] ?? String(code);
}
