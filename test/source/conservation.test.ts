import fc from 'fast-check';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();

interface Sample {
  text: string;
  kind: 'record' | 'rejected' | 'blank';
  action: string | null;
  status: string | null;
  bad: number;
}

const action = fc.constantFrom('ACCEPT', 'REJECT');
const good = fc
  .record({ action, port: fc.integer({ min: 0, max: 65535 }) })
  .map(({ action: a, port }): Sample => ({ text: line({ action: a, dstport: port }), kind: 'record', action: a, status: 'OK', bad: 0 }));
const idle = fc.constantFrom('NODATA', 'SKIPDATA').map((status): Sample => ({
  text: `2 123456789012 eni-0a1 - - - - - - - 1790000000 1790000060 - ${status}`,
  kind: 'record',
  action: null,
  status,
  bad: 0,
}));
const badValue = action.map((a): Sample => ({
  text: line({ action: a, dstport: 'nonsense' }),
  kind: 'record',
  action: a,
  status: 'OK',
  bad: 1,
}));
const short = fc
  .integer({ min: 1, max: 13 })
  .map((n): Sample => ({ text: line().split(' ').slice(0, n).join(' '), kind: 'rejected', action: null, status: null, bad: 0 }));
const long = fc.constant<Sample>({ text: `${line()} and more`, kind: 'rejected', action: null, status: null, bad: 0 });
const blank = fc.constantFrom('', '   ').map((text): Sample => ({ text, kind: 'blank', action: null, status: null, bad: 0 }));

const clean = fc.array(fc.oneof(good, idle), { maxLength: 60 });
const dirty = fc.array(fc.oneof({ weight: 6, arbitrary: good }, idle, badValue, short, long, blank), { maxLength: 60 });
const eol = fc.constantFrom('\n', '\r\n');

const countBy = (samples: readonly Sample[]) => {
  const counts: Record<string, number> = {};
  for (const { kind, action: a, status } of samples) if (kind === 'record') counts[`${a}/${status}`] = (counts[`${a}/${status}`] ?? 0) + 1;
  return counts;
};

test('nothing is lost or made up: records + rejected lines = lines, per action and status', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(clean, dirty), { minLength: 1, maxLength: 4 }),
      eol,
      fc.boolean(),
      fc.constantFrom(undefined, new Set(['action', 'log_status'])),
      async (files, end, lastEol, columns) => {
        run++;
        const paths = files.map((samples, i) =>
          writeLog(folder, `${run}-${i}.log`, [HEADER, ...samples.map(({ text }) => text)].join(end) + (lastEol ? end : '')),
        );
        const samples = files.flat();
        await withLogs(
          paths,
          async (records) => {
            const rows = await records.db.rows('SELECT action, log_status, count(*) AS n FROM flow_records GROUP BY 1, 2');
            expect(
              Object.fromEntries(rows.map((row) => [`${row['action'] as string}/${row['log_status'] as string}`, Number(row['n'])])),
            ).toEqual(countBy(samples));
            expect(records.totals.lines).toBe(samples.filter(({ kind }) => kind !== 'blank').length);
            expect(records.totals.rejectedLines).toBe(samples.filter(({ kind }) => kind === 'rejected').length);
            expect(records.totals.records + records.totals.rejectedLines).toBe(records.totals.lines);
            expect(records.totals.badValues).toBe(samples.reduce((sum, { bad }) => sum + bad, 0));
          },
          columns === undefined ? {} : { columns },
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('windows that touch neither share nor miss a record', async () => {
  const starts = fc.array(fc.integer({ min: 1790000000, max: 1790000600 }), { minLength: 1, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(starts, fc.integer({ min: 1790000000, max: 1790000601 }), async (times, cut) => {
      const path = writeLog(folder, 'window.log', [HEADER, ...times.map((start) => line({ start }))].join('\n'));
      const { renderSql } = await import('../../lib/analysis/render.js');
      const { Catalogue } = await import('../../lib/analysis/catalogue.js');
      const { DuckDbEngine } = await import('../../lib/engine/duckdb/duckdb.js');
      const catalogue = new Catalogue();
      await withLogs([path], async (records) => {
        const engine = await DuckDbEngine.over(records);
        const count = async (from: number, to: number) => {
          const { rows } = await engine.run(renderSql(catalogue, catalogue.get('busiest-hours'), { window: { from, to } }));
          return rows.reduce((sum, row) => sum + Number(row['records']), 0);
        };
        const [before, after] = [await count(1789999999, cut), await count(cut, 1790000700)];
        expect(before).toBe(times.filter((t) => t < cut).length);
        expect(after).toBe(times.filter((t) => t >= cut).length);
      });
    }),
    { numRuns: 20 },
  );
});
