// Loaded into the CDK CLI, which asks every five seconds whether a stack is ready: those of the box are within one or two.
const [POLL_LEAST_MS, POLL_MOST_MS] = [1000, 5000];
const SHORT_MS = 200;
const wait = globalThis.setTimeout;
globalThis.setTimeout = Object.assign(
  (callback, ms, ...more) => wait(callback, ms >= POLL_LEAST_MS && ms <= POLL_MOST_MS ? SHORT_MS : ms, ...more),
  wait,
);
