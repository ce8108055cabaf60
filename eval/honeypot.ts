import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot } from '../lib/package-root';
import type { Incident } from './attacks/attack';
import { judge, type JudgeOptions } from './judge';
import { seriesResult, type SeriesResult } from './results';
import { score } from './score';
import { DAY, HOUR } from './world/clock';
import type { Half } from './workloads/workload';

const SAMPLE = join(packageRoot(), 'samples', 'aws-honeypot-marx', 'marx.2-hosts.v2.log.gz');
/** A host a half. */
const HOSTS: Readonly<Record<Half, string>> = { tuning: 'eni-marx0000000000006', reporting: 'eni-marx0000000000008' };

/** What is worth telling, by count alone, in a day of one source and host, or in an hour of a host. A hundredth of the hours have more than 20. */
const WORTH = { ports: 20, packets: 80, anHour: 30 };
/** What may be told or not. */
const PERHAPS = { ports: 12, packets: 40, anHour: 20 };

interface Truth {
  readonly incidents: readonly Incident[];
  readonly perhaps: readonly Incident[];
}

/** Six months of unsolicited packets at one host: the sources that scanned or hammered it, and the crowds. */
export function truthOf(lines: readonly string[]): Truth {
  const days = new Map<string, { src: string; host: string; dst: string; ports: Set<string>; packets: number; from: number; to: number }>();
  const hours = new Map<number, { n: number; bySource: Map<string, number> }>();
  for (const line of lines) {
    const [, , host = '', src = '', dst = '', , port = '', , , , start] = line.split(' ');
    const at = Number(start);
    const key = `${src} ${Math.floor(at / DAY)}`;
    const day = days.get(key) ?? { src, host, dst, ports: new Set<string>(), packets: 0, from: at, to: at };
    day.ports.add(port);
    days.set(key, { ...day, packets: day.packets + 1, from: Math.min(day.from, at), to: Math.max(day.to, at) });
    const hour = hours.get(Math.floor(at / HOUR)) ?? { n: 0, bySource: new Map<string, number>() };
    hour.bySource.set(src, (hour.bySource.get(src) ?? 0) + 1);
    hours.set(Math.floor(at / HOUR), { ...hour, n: hour.n + 1 });
  }
  const [first] = days.values();
  const victim = [first?.host ?? '', first?.dst ?? ''];
  const sources = (worth: typeof WORTH) =>
    [...days.values()]
      .filter((day) => day.ports.size >= worth.ports || day.packets >= worth.packets)
      .map(({ src, ports, packets, from, to }): Incident => ({
        id: `${src} ${from}`,
        kind: ports.size >= worth.ports ? 'port-scan' : 'hammering',
        actors: [src, ...victim],
        need: [src],
        n: packets,
        from,
        to,
      }));
  const crowds = (worth: typeof WORTH) =>
    [...hours]
      .filter(([, { n, bySource }]) => n > worth.anHour && Math.max(...bySource.values()) < n / 2)
      .map(([hour, { n }]): Incident => ({
        id: `crowd ${hour}`,
        kind: 'crowd',
        actors: victim,
        n,
        from: hour * HOUR,
        to: (hour + 1) * HOUR - 1,
      }));
  const [worth, perhaps] = [WORTH, PERHAPS].map((bounds) => [...sources(bounds), ...crowds(bounds)]);
  return { incidents: worth ?? [], perhaps: perhaps ?? [] };
}

export async function honeypot(half: Half, options: JudgeOptions): Promise<SeriesResult[]> {
  const lines = gunzipSync(readFileSync(SAMPLE)).toString('utf8').trim().split('\n');
  const { incidents, perhaps } = truthOf(lines.filter((line) => line.includes(` ${HOSTS[half]} `)));
  const { told } = await judge([SAMPLE], { ...options, where: `interface_id = '${HOSTS[half]}'` });
  return [...told].map(([rules, some], i) => {
    const scored = score(some, incidents, i > 0);
    const certain = scored.wrong.filter((one) => score([one], perhaps).right.length === 0);
    // All that is told is judged here, the lightest too: the truth is whole.
    return seriesResult(rules, { ...scored, wrong: certain }, 'info');
  });
}
