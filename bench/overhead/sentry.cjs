// Sentry as its documentation has it, with every request traced. In: BENCH_SENTRY, SENTRY_DSN. Out: envelopes to that address.
const Sentry = require(process.env.BENCH_SENTRY);
Sentry.init({ tracesSampleRate: 1, sendClientReports: false });
