import fc from 'fast-check';
import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import type { Active } from '../../lib/explore/cube';
import { DIMENSIONS, DIMENSION_IDS, type DimensionId } from '../../lib/explore/dimensions';
import { windowOf } from '../../lib/explore/explorer';
import { type Open, openExplorer } from '../../lib/explore/open';
import { type Panel, PANELS } from '../../lib/explore/panels';
import { panelSql } from '../../lib/explore/portable';
import { EVERYTHING, type ExploreState, type Filter, MEASURES } from '../../lib/explore/state';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { openRecords, type Records } from '../../lib/source/records';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const FROM = 1790000100;
const GROUPS = [
  { name: 'office', networks: ['10.0.1.0/24', '2001:db8::/32'] },
  { name: 'lab; DROP', networks: ['54.0.0.0/8'] },
];
let records: Records;
let open: Open;

beforeAll(async () => {
  await generate(join(folder, 'logs'), {
    seed: 7,
    format: parseFormat('all'),
    layout: LAYOUTS['plain']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 6000,
    from: FROM,
    to: FROM + 6 * 3600,
    hosts: 12,
    plants: PLANTS,
  });
  records = await openRecords([join(folder, 'logs', 'AWSLogs')], { cache: undefined, threads: 2, memory: '400MB' });
  const opened = await openExplorer(records, new Catalogue(), { cache: undefined, groups: GROUPS });
  if (opened === undefined) throw new Error('no records');
  open = opened;
});
afterAll(() => records.close());

/** Rows of the text that users copy, in the form of the explorer's. */
async function portable(panel: Panel, state: ExploreState) {
  const window = panel.id === 'timeline' ? (state.range ?? open.prepared.range) : windowOf(state, open.prepared.range);
  const { rows } = await open.engine.run(panelSql(panel, state, window, open.explorer.domain(state), open.context));
  return rows.map((row) => ({
    key: panel.by.map((by) => (by === 'time' ? Date.parse(String(row['time'])) / 1000 : row[by])),
    records: row['records'],
    rejected: row['rejected'],
    bytes: row['bytes'],
    packets: row['packets'],
  }));
}

const sorted = (rows: readonly { key: readonly unknown[] }[]) =>
  [...rows].sort((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));

async function expectEqual(panel: Panel, state: ExploreState, active?: Active): Promise<number> {
  const rows = await open.explorer.panel(panel, state, { active });
  const expected = await portable(panel, state);
  // Panels that show all their groups have no order of their own.
  if (panel.top === undefined) expect(sorted(rows)).toEqual(sorted(expected));
  else expect(rows).toEqual(expected);
  return rows.length;
}

test('every panel of records with all fields is offered, and answers what its SQL answers', async () => {
  expect(open.prepared.panels.map(({ id }) => id)).toEqual(Object.keys(PANELS));
  for (const panel of open.prepared.panels)
    for (const measure of MEASURES) expect(await expectEqual(panel, { measure, compare: false, filters: {} })).toBeGreaterThan(0);
});

test('any selection, brushed or not, gives what its SQL gives', async () => {
  const values = new Map<DimensionId, (string | number)[]>();
  for (const id of DIMENSION_IDS) {
    const panel: Panel = { id: `values of ${id}` as Panel['id'], title: '', meaning: '', by: [id] };
    values.set(
      id,
      [...(await open.explorer.panel(panel, { measure: 'records', compare: false, filters: {} }))]
        .map(({ key }) => key[0] ?? '')
        .filter((v) => v !== ''),
    );
  }
  const time = (step: number) =>
    fc.integer({ min: 0, max: Math.floor((6 * 3600) / step) }).map((n) => Math.floor(FROM / 300) * 300 + n * step);
  const range = (step: number) => fc.tuple(time(step), time(step)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + step }));
  const filter = (id: DimensionId): fc.Arbitrary<Filter> =>
    fc.record({
      values: fc.uniqueArray(
        fc.oneof(fc.constantFrom(...(values.get(id) ?? [])), fc.constant(DIMENSIONS[id].type === 'text' ? "no'such" : 4)),
        { minLength: 1, maxLength: 4 },
      ),
      exclude: fc.boolean(),
    });
  const filters = fc
    .subarray([...DIMENSION_IDS], { maxLength: 3 })
    .chain((ids) => fc.record(Object.fromEntries(ids.map((id) => [id, filter(id)]))));
  const state = fc.record({
    range: fc.option(fc.oneof(range(300), range(17)), { nil: undefined }),
    brush: fc.option(fc.oneof(range(300), range(60), range(17)), { nil: undefined }),
    measure: fc.constantFrom(...MEASURES),
    compare: fc.constant(false),
    filters,
  });
  const active = fc.option(fc.constantFrom<Active[]>('time', 'bytes_size', 'packets_size', 'weekday_hour'), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...open.prepared.panels), state, active, fc.boolean(), async (panel, one, brushed, warm) => {
      if (warm && brushed !== undefined) await open.explorer.warm(one, brushed);
      await expectEqual(panel, one, brushed);
    }),
    { numRuns: 150 },
  );
});

test('a brush that moves, grows and jumps gives what its SQL gives at every step', async () => {
  const { step } = open.prepared.domain;
  const first = Math.floor(open.prepared.range.from / step);
  const edges = fc
    .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 300 }))
    .map(([at, length]) => ({ from: (first + at) * step, to: (first + at + length) * step }));
  const filters = fc.constantFrom<ExploreState['filters']>({}, { action: { values: ['REJECT'], exclude: false } });
  const moves = fc.array(edges, { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(filters, fc.constantFrom(...MEASURES), moves, async (chosen, measure, brushes) => {
      await open.explorer.warm({ measure, compare: false, filters: chosen }, 'time');
      for (const brush of brushes)
        for (const id of ['summary', 'srcaddr', 'pairs', 'protocol', 'bytes_size'] as const)
          await expectEqual(PANELS[id], { measure, compare: false, filters: chosen, brush }, 'time');
    }),
    { numRuns: 12 },
  );
});

test('a comparison is the same question asked of the period before', async () => {
  const brush = { from: FROM + 7200, to: FROM + 10800 };
  for (const [panel, zoomed] of open.prepared.panels.flatMap((one) => [[one, true] as const, [one, one.id === 'timeline'] as const])) {
    const state: ExploreState = { measure: 'bytes', compare: true, filters: {}, ...(zoomed ? { range: brush } : { brush }) };
    const rows = await open.explorer.panel(panel, state);
    const before = { from: FROM + 3600, to: FROM + 7200 };
    const all = { ...panel };
    delete (all as { top?: number }).top;
    const earlier = await open.explorer.panel(
      { ...all },
      { ...state, compare: false, ...(zoomed ? { range: before } : { brush: before }) },
    );
    const shift = (key: readonly unknown[]) =>
      JSON.stringify(panel.by.map((by, i) => (by === 'time' ? Math.floor((Number(key[i]) + 3600) / 15) * 15 : key[i])));
    const bytes = new Map<string, number>();
    for (const row of earlier) bytes.set(shift(row.key), (bytes.get(shift(row.key)) ?? 0) + row.bytes);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows)
      expect({ key: row.key, previous: row.previous }).toEqual({ key: row.key, previous: bytes.get(JSON.stringify(row.key)) ?? 0 });
  }
});

test('a newer brush cancels an older one', async () => {
  const abort = new AbortController();
  const state: ExploreState = { measure: 'packets', compare: false, filters: { dstport: { values: [443], exclude: true } } };
  const old = open.explorer.panel(PANELS.pairs, state, { signal: abort.signal });
  abort.abort(new Error('superseded'));
  await expect(old).rejects.toThrow('superseded');
  await expectEqual(PANELS.pairs, state);
});

test.each(['bytes', 'packets'] as const)('%s that add up to more than 64 bits are summed, beside those that do not', async (measure) => {
  const huge = 2n ** 63n - 1n;
  const values: [string, bigint][] = [
    ...['a', 'a', 'b'].map((src): [string, bigint] => [src, huge]),
    ['c', 5n],
    ['c', 6n],
    ['d', -huge],
    ['d', -huge],
  ];
  const path = writeLog(
    folder,
    `${measure}.log`,
    [
      `srcaddr dstaddr start bytes packets`,
      ...values.map(([src, n], i) => `${src} z ${FROM + i} ${measure === 'bytes' ? `${n} 1` : `1 ${n}`}`),
      '',
    ].join('\n'),
  );
  const large = await openRecords([path], { cache: undefined, threads: 2, memory: '300MB' });
  try {
    const opened = await openExplorer(large, new Catalogue(), { cache: undefined, groups: [] });
    const panel = opened!.prepared.panels.find(({ id }) => id === 'srcaddr')!;
    for (const brush of [undefined, { from: FROM, to: FROM + 60 }]) {
      const rows = await opened!.explorer.panel(panel, { ...EVERYTHING, measure, brush });
      expect(Object.fromEntries(rows.map((row) => [row.key[0], row[measure]]))).toEqual({ a: 2 ** 64, b: 2 ** 63, c: 11, d: -(2 ** 64) });
    }
  } finally {
    await large.close();
  }
});
