import { table } from '../cli/table';
import { RULE_SETS } from './rule-sets';
import { type KindResult, noiseOverAll, type NoiseResult, type Results, type SeriesResult, type SideResult } from './results';

/** A table of text: a heading, names of columns, cells. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
const minutes = (value: number | null) => (value === null ? '-' : `${value.toFixed(0)} min`);

const SIDE_TITLES: Readonly<Record<string, string>> = {
  refused: 'Refused: from outside, or between groups',
  open: 'A compromised host whose groups let everything out, and attacks on open ports',
  strict: 'The same with strict egress',
  captures: 'Labelled captures of --capture',
};

const sideTable = (side: string, results: readonly SideResult[]): Table => ({
  title: SIDE_TITLES[side] ?? side,
  columns: ['rules', 'found', 'recall', 'wrong', 'precision', 'F1', 'findings per incident', 'delay (median)'],
  rows: results.map((r) => [
    r.rules,
    `${r.found}/${r.of}`,
    percent(r.recall),
    String(r.wrong),
    percent(r.precision),
    r.f1.toFixed(2),
    r.findingsPerIncident.toFixed(1),
    minutes(r.delayMinutes),
  ]),
});

const kindTable = (kinds: readonly KindResult[]): Table => ({
  title: 'Ours by kind of attack',
  columns: ['kind', 'side', 'found', 'findings per incident', 'delay', 'severity', 'seen by'],
  rows: kinds.map((k) => [
    k.kind,
    k.side,
    `${k.found}/${k.of}`,
    k.findingsPerIncident.toFixed(1),
    minutes(k.delayMinutes),
    Object.entries(k.severities)
      .map(([name, n]) => `${name} ${n}`)
      .join(', '),
    k.by.slice(0, 3).join(', '),
  ]),
});

const noiseTable = (noise: readonly NoiseResult[]): Table => ({
  title: 'Ordinary networks: findings of medium severity and above per 100 interfaces and week',
  columns: ['kind', 'interfaces', 'records', ...RULE_SETS, 'ours: high', 'medium', 'low and info'],
  rows: [
    ...noise.map((n) => [
      n.kind,
      String(n.interfaces),
      String(n.records),
      ...RULE_SETS.map((rules) => (n.noise[rules] ?? 0).toFixed(1)),
      String(n.high),
      String(n.medium),
      String(n.quieter),
    ]),
    [
      'all',
      String(noise.reduce((sum, { interfaces }) => sum + interfaces, 0)),
      String(noise.reduce((sum, { records }) => sum + records, 0)),
      ...RULE_SETS.map((rules) => noiseOverAll(noise, rules).toFixed(1)),
      ...(['high', 'medium', 'quieter'] as const).map((key) => String(noise.reduce((sum, one) => sum + one[key], 0))),
    ],
  ],
});

const seriesTable = (title: string, results: readonly SeriesResult[]): Table => ({
  title,
  columns: ['rules', 'found', 'precision', 'F1'],
  rows: results.map((r) => [r.rules, `${r.found}/${r.of}`, percent(r.precision), r.f1.toFixed(2)]),
});

const detectionTable = ({ detections }: Results): Table => ({
  title: 'Ours by detection',
  columns: ['detection', 'incidents seen', 'findings right', 'wrong next to attacks', 'medium and above on ordinary networks'],
  rows: detections.map((d) => [d.detection, String(d.saw), String(d.right), String(d.wrong), String(d.noise)]),
});

export function tablesOf(results: Results): Table[] {
  return [
    ...Object.entries(results.sides)
      .filter(([, rows]) => rows.length > 0)
      .map(([side, rows]) => sideTable(side, rows)),
    ...(results.noise.length > 0 ? [noiseTable(results.noise)] : []),
    ...(results.kinds.length > 0 ? [kindTable(results.kinds)] : []),
    ...(results.honeypot.length > 0 ? [seriesTable('Honeypot sample: sources that scan or hammer, and crowds', results.honeypot)] : []),
    ...(results.numenta.length > 0 ? [seriesTable('Numenta benchmark: labelled windows', results.numenta)] : []),
    ...(results.detections.length > 0 ? [detectionTable(results)] : []),
  ];
}

export function printed({ title, columns, rows }: Table): string {
  const cells = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? ''])));
  const text = table(
    columns.map((name, i) => ({ name, numeric: i > 0 })),
    cells,
    { width: undefined, colour: false },
  );
  return `\n${title}\n${text}`;
}

export function markdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Ours compared with the best of the others, one line per promise. */
export function summary({ sides, noise }: Results): Table {
  const rows = Object.entries(sides).flatMap(([side, [mine, ...others]]) => {
    const best = [...others].sort((a, b) => b.f1 - a.f1)[0];
    if (mine === undefined || best === undefined) return [];
    const cells = (r: SideResult) => `${r.found} of ${r.of}, precision ${percent(r.precision)}, F1 ${r.f1.toFixed(2)}`;
    return [[SIDE_TITLES[side] ?? side, cells(mine), `${best.rules}: ${cells(best)}`]];
  });
  const quietest = RULE_SETS.slice(1).map((rules) => ({ rules, told: noiseOverAll(noise, rules) }));
  const least = quietest.sort((a, b) => a.told - b.told)[0];
  return {
    title: 'Detection quality',
    columns: ['', RULE_SETS[0] ?? '', 'best of Elastic, Splunk, Panther, Tailpipe, CloudWatch'],
    rows: [
      ...rows,
      [
        'Ordinary networks: findings of medium severity and above per 100 interfaces and week',
        noiseOverAll(noise, RULE_SETS[0] ?? '').toFixed(1),
        `${least?.rules}: ${least?.told.toFixed(1)}`,
      ],
    ],
  };
}
