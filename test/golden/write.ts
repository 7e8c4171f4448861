// Writes the golden files anew, after a deliberate change of the format: `npx tsx test/golden/write.ts`.

import { writeFileSync } from 'node:fs';
import { FACTS, goldenBatch, HEADER } from './facts.ts';

const here = new URL('.', import.meta.url);
writeFileSync(new URL('batch.bin', here), goldenBatch());
writeFileSync(new URL('batch.json', here), `${JSON.stringify({ header: HEADER, facts: FACTS }, undefined, 2)}\n`);
