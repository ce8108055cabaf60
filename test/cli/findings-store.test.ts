import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInQueries, Catalogue } from '../../lib/analysis/catalogue';
import { openExplorer } from '../../lib/explore/open';
import { FindingsStore } from '../../cli/findings-store';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
let serial = 0;

/** A catalogue with our questions and a copy of one detection and the partials, changed. */
function changed(file: string, edit: (text: string) => string): Catalogue {
  const own = join(folder, `queries-${++serial}`);
  mkdirSync(own);
  for (const name of ['unusual-egress', '_partials']) cpSync(join(builtInQueries(), name), join(own, name), { recursive: true });
  const text = readFileSync(join(own, file), 'utf8');
  writeFileSync(join(own, file), edit(text));
  expect(readFileSync(join(own, file), 'utf8') === text).toBe(edit === same);
  return new Catalogue([builtInQueries(), own]);
}

const same = (text: string): string => text;

const KEPT = { detection: 'unusual-egress', why: 'fields', reason: 'these logs lack bytes' } as const;

test.each<[string, string, (text: string) => string]>([
  ['the title', 'unusual-egress/analysis.yaml', (text) => text.replace(/^title: /m, 'title: Other ')],
  ['the severity', 'unusual-egress/analysis.yaml', (text) => text.replace(/^severity: .*/m, 'severity: info')],
  [
    'a column',
    'unusual-egress/analysis.yaml',
    (text) => text.replace('{ name: who, type: string }', '{ name: who, type: string, unit: bytes }'),
  ],
  ['how long findings are one', 'unusual-egress/analysis.yaml', (text) => text.replace(/dedupFor: .*/, 'dedupFor: 3d')],
  ['its text', 'unusual-egress/athena.sql', (text) => `${text}\n-- other`],
  ['a partial', '_partials/robust_spike.sql', (text) => `${text}\n-- other`],
  ['a partial of a partial', '_partials/non_public_address.sql', (text) => `${text}\n-- other`],
  ['shared parameters', '_partials/robust_spike.yaml', (text) => text.replace('default: 60', 'default: 120')],
])('findings are looked for again when %s changes', async (_, file, edit) => {
  const cache = join(folder, `cache-${serial}`);
  mkdirSync(join(cache, 'explore'), { recursive: true });
  await new FindingsStore(cache, 'logs', changed(file, same)).put({ findings: [], notJudged: [KEPT] });
  expect(await new FindingsStore(cache, 'logs', changed(file, same)).get()).toEqual({ findings: [], notJudged: [KEPT] });
  expect(await new FindingsStore(cache, 'logs', changed(file, edit)).get()).toBeUndefined();
});

test('the explorer prepares its tables again when a partial that they are made with changes', async () => {
  const log = writeLog(folder, 'a.log', `${HEADER}\n${line()}\n`);
  const cache = join(folder, 'explorer');
  const keyWith = (catalogue: Catalogue) =>
    withLogs([log], async (records) => (await openExplorer(records, catalogue, { cache, groups: [] }))?.prepared.key, { cache });
  const before = await keyWith(changed('_partials/non_public_address.sql', same));
  expect(await keyWith(changed('_partials/non_public_address.sql', same))).toBe(before);
  const other = changed('_partials/non_public_address.sql', (text) => text.replace('^0?100:', '^0?101:'));
  expect(await keyWith(other)).not.toBe(before);
});
