// Requests and operations of a sample as the engine wants them. In: rows of a store. Out: values. Not here: which ones (finding-sample.ts).

import type { SampledOperation, SampledRequest } from '../analysis/request-tree.ts';
import { roleNamed } from '../model/operation.ts';
import { protocolNamed } from '../model/protocol.ts';
import type { RowReader } from '../store/query.ts';
import { columns, OWN_CATEGORY_COLUMNS, PHASE_COLUMNS } from '../store/query.ts';
import { categoryNamed } from './dependencies.ts';

export const REQUESTS = {
  from: 'requests',
  select: columns(
    'id',
    'traceId',
    'parentOperation',
    'service',
    'process',
    'method',
    'route',
    'isError',
    'atUs',
    'durationUs',
    ...OWN_CATEGORY_COLUMNS,
  ),
} as const;

export const OPERATIONS = {
  from: 'operations',
  select: columns(
    'id',
    'request',
    'process',
    'protocol',
    'role',
    'category',
    'statement',
    'dependency',
    'callSite',
    'connection',
    'nthOnConnection',
    'atUs',
    'durationUs',
    'exclusiveUs',
    'bytesOut',
    'bytesIn',
    'rows',
    'outcome',
    'repeatAgeUs',
    ...PHASE_COLUMNS,
  ),
} as const;

export function sampledRequest(row: RowReader): SampledRequest {
  return {
    id: row.number('id'),
    traceId: row.text('traceId'),
    parentOperation: row.number('parentOperation'),
    service: row.text('service'),
    process: row.number('process'),
    method: row.text('method'),
    route: row.text('route'),
    isError: row.number('isError') === 1,
    atUs: row.number('atUs'),
    durationUs: row.number('durationUs'),
    ownCategories: OWN_CATEGORY_COLUMNS.map(row.number),
  };
}

export function sampledOperation(row: RowReader): SampledOperation {
  const outcome = row.text('outcome');
  return {
    id: row.number('id'),
    request: row.number('request'),
    process: row.number('process'),
    protocol: protocolNamed(row.text('protocol')),
    role: roleNamed(row.text('role')),
    category: categoryNamed(row.text('category')),
    statement: row.text('statement'),
    dependency: row.text('dependency'),
    callSite: row.text('callSite'),
    connection: row.number('connection'),
    nthOnConnection: row.number('nthOnConnection'),
    atUs: row.number('atUs'),
    durationUs: row.number('durationUs'),
    exclusiveUs: row.number('exclusiveUs'),
    phases: PHASE_COLUMNS.map(row.number),
    bytesOut: row.number('bytesOut'),
    bytesIn: row.number('bytesIn'),
    rows: row.number('rows'),
    repeatAgeUs: row.number('repeatAgeUs'),
    outcome: outcome === 'ok' || outcome === 'error' ? outcome : 'unfinished',
  };
}
