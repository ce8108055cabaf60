// When this was built, and when data that ages was last changed: `flowlogs --version`.
import { execFileSync } from 'node:child_process';
import { ownerDays } from './owners.mjs';

const DATA = { 'field table': 'lib/flow-log/fields.ts', 'list prices': 'lib/cost/prices.ts', questions: 'queries' };

const day = (ms) => new Date(ms).toISOString().slice(0, 10);

/** Undefined without Git, or in an archive of the sources. */
function changed(path) {
  try {
    return (
      execFileSync('git', ['log', '-1', '--format=%cs', '--', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() ||
      undefined
    );
  } catch {
    return undefined;
  }
}

/** `SOURCE_DATE_EPOCH`, for builds that must be the same, comes before the clock: https://reproducible-builds.org/specs/source-date-epoch/ */
export function buildDates(epoch = process.env.SOURCE_DATE_EPOCH) {
  const data = Object.entries(DATA).map(([what, path]) => [what, changed(path)]);
  return {
    built: day(epoch === undefined ? Date.now() : Number(epoch) * 1000),
    data: {
      ...Object.fromEntries(data.filter(([, of]) => of !== undefined)),
      ...Object.fromEntries(Object.entries(ownerDays()).map(([what, of]) => [`${what} of addresses`, of])),
    },
  };
}
