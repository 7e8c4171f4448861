// A collector that only counts, in a process of its own so that it can be frozen and killed. In: argv[2], the path to listen on.
// Out: what it got, as a line of JSON, when it is told to end (SIGTERM).

import { createServer } from 'node:net';
import { RecordReader } from '../../src/record/reader.ts';
import type { RecordHandler } from '../../src/record/record-handler.ts';

const seen = { records: 0, writes: 0, droppedRecords: 0, lostBatches: 0, brokenStreams: 0, errors: 0 };

function ignore(): void {
  // Counted by `moment` and `batch`.
}

const handler: RecordHandler = {
  batch: (droppedRecords, _droppedBytes, lostBatches) => {
    seen.droppedRecords += droppedRecords;
    seen.lostBatches += lostBatches;
  },
  moment: () => void seen.records++,
  write: () => void seen.writes++,
  goodbye: (payload) => {
    if (typeof payload === 'object' && payload !== null && 'error' in payload) seen.errors++;
  },
  hello: ignore,
  connectionOpen: ignore,
  read: ignore,
  connectionPhase: ignore,
  close: ignore,
  requestStart: ignore,
  requestEnd: ignore,
  call: ignore,
  grant: ignore,
  callSite: ignore,
  gc: ignore,
  driverOperation: ignore,
  stats: ignore,
};

const path = process.argv[2] ?? '';
createServer((socket) => {
  const reader = new RecordReader(() => handler);
  socket.on('data', (chunk) => {
    const wasBroken = reader.isBroken;
    reader.feed(chunk);
    if (reader.isBroken && !wasBroken) seen.brokenStreams++;
  });
  socket.on('error', ignore);
}).listen(path, () => console.log('listening'));

process.once('SIGTERM', () => {
  console.log(JSON.stringify(seen));
  process.exit();
});
