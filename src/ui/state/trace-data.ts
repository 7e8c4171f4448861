// One trace as the pages have it: in columns. In: an id. Out: the state of its load. In a report it was saved as objects.

import type { TraceAnswer } from '../../answer/api.ts';
import { decodeTrace, inColumns, type InColumns } from '../../model/trace-columns.ts';
import { useAnswer, type Load, type Reader } from './answers.ts';

export type TraceData = InColumns<TraceAnswer>;

const TRACE: Reader<TraceData> = {
  response: async (response) => {
    const trace = decodeTrace<TraceAnswer>(await response.arrayBuffer());
    if (trace === undefined) throw new Error('The trace did not come whole.');
    return trace;
  },
  saved: (answer) => inColumns(answer as TraceAnswer),
};

/** The server preloads this address with the page of a trace (server/routes.ts). */
export function useTrace(id: string): Load<TraceData> {
  return useAnswer<TraceData>(`/api/trace/${encodeURIComponent(id)}?as=columns`, false, TRACE);
}
