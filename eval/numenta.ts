import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root';
import type { Incident } from './attacks/attack';
import { judge, type JudgeOptions } from './judge';
import { seriesResult, type SeriesResult } from './results';
import { score } from './score';
import { HOUR, MONDAY } from './world/clock';
import type { Half } from './workloads/workload';

const FOLDER = join(packageRoot(), 'eval', 'nab');
const HEADER = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
/**
 * A series says how much, not of what: each is written as the bytes that an interface sends to the internet, scaled so that its mean
 * hour is 5 GB. That is a busy server, above every floor that a rule for quiet ones has, so that only the form of the series decides.
 */
const MEAN_BYTES_AN_HOUR = 5e9;

/** Every second series, in order of name, is of the tuning half. */
const filesOf = (half: Half) =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .filter((_, i) => (i % 2 === 0) === (half === 'tuning'));

export async function numenta(half: Half, work: string, options: JudgeOptions): Promise<SeriesResult[]> {
  const labels = JSON.parse(readFileSync(join(FOLDER, 'labels.json'), 'utf8')) as Record<string, string[]>;
  const lines: string[] = [];
  const incidents: Incident[] = [];
  filesOf(half).forEach((file, i) => {
    const [id, address] = [`eni-${file.replace('.csv', '').replaceAll('_', '-')}`, `10.9.0.${i + 10}`];
    const points = readFileSync(join(FOLDER, file), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((text) => text.split(',') as [string, string]);
    const instant = (text: string) => Date.parse(`${text.slice(0, 16).replace(' ', 'T')}:00Z`) / 1000;
    const first = instant(points[0]?.[0] ?? '');
    const mean = points.reduce((sum, [, value]) => sum + Math.max(0, Number(value)), 0) / points.length;
    // Every series begins at one time, so that one past serves all.
    const at = (text: string) => MONDAY + instant(text) - first;
    for (const [time, value] of points) {
      const bytes = Math.round((Math.max(0, Number(value)) / mean) * MEAN_BYTES_AN_HOUR);
      const start = at(time);
      // A record a minute, as a lasting transfer has; one of an hour could not be.
      for (let minute = 0; minute < 60; minute += 10)
        lines.push(
          `2 123456789012 ${id} ${address} 52.94.5.5 40000 443 6 ${Math.max(1, Math.round(bytes / 6 / 1400))} ${Math.round(bytes / 6)} ${start + minute * 60} ${start + minute * 60 + 59} ACCEPT OK`,
        );
    }
    // As in the benchmark: windows of a tenth of the series in all, around the labels.
    const own = labels[file] ?? [];
    const half = own.length === 0 ? 0 : (points.length * HOUR) / 20 / own.length;
    for (const text of own)
      incidents.push({ id: `${file} ${text}`, kind: 'numenta', actors: [id, address], from: at(text) - half, to: at(text) + half });
  });
  const path = join(work, `numenta-${half}.log`);
  writeFileSync(path, `${HEADER}\n${lines.join('\n')}\n`);
  // Of ours, only what compares bytes with a past: that a series ends is no spike.
  const { told } = await judge([path], { ...options, only: options.only ?? ['unusual-egress'] });
  return [...told].map(([rules, some]) => seriesResult(rules, score(some, incidents, true)));
}
