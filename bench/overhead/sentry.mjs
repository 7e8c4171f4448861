// Sentry as its documentation has it, with every request traced. In: BENCH_SENTRY, SENTRY_DSN. Out: envelopes to that address.
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
load(process.env.BENCH_SENTRY).init({ tracesSampleRate: 1, sendClientReports: false });
