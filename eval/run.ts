/**
 * Detection quality: networks of many kinds, attacks of many kinds, ours beside the rules that people use now. What is measured and how
 * is in eval/README.md.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inParallel } from '../lib/parallel';
import { packageRoot } from '../lib/package-root';
import { ATTACKS } from './attacks/all';
import { build } from './build';
import { labelledCaptures } from './capture-folder';
import { missed } from './check';
import { honeypot } from './honeypot';
import { judge } from './judge';
import { numenta } from './numenta';
import { printed, tablesOf } from './print';
import { type DetectionResult, kindResults, type NoiseResult, perHundred, type Results, sideResult } from './results';
import { OURS, RULE_SETS } from './rule-sets';
import { scenarios, type Side, SIDES } from './scenario';
import { medianDelay, score, type Score, together } from './score';
import { atLeast, type Told } from './told';
import type { Half } from './workloads/workload';

const HELP = `npm run eval -- [options]

  --half tuning|reporting  which half of seeds, networks, variants and captures (default reporting)
  --only NAMES             only what has one of these in its name: ordinary, refused, open, strict, a kind of network or
                           attack, honeypot, numenta; separated by commas
  --detections IDS         only these of our detections, separated by commas
  --no-peers               without the rules of others
  --capture DIR            labelled captures besides: <name>.log.gz with <name>.incidents.json
  --verbose                every wrong and every missed one
  --keep DIR               leave the captures and their incidents.json there
  --write                  renew eval/results.json, from which the documentation is made

Exits with 1 if a promise of eval/promises.ts is missed on the reporting half.`;

interface Measured {
  readonly name: string;
  readonly side: Side | 'captures';
  readonly scores: ReadonlyMap<string, Score>;
  readonly told: ReadonlyMap<string, readonly Told[]>;
  readonly noise?: NoiseResult;
}

const AT_ONCE = 2;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      half: { type: 'string', default: 'reporting' },
      only: { type: 'string' },
      detections: { type: 'string' },
      peers: { type: 'boolean', default: true },
      capture: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      keep: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  if (values.help) return console.log(HELP);
  if (values.half !== 'tuning' && values.half !== 'reporting') throw new Error(`--half ${values.half}: expected tuning or reporting`);
  const half: Half = values.half;
  const began = Date.now();
  const wanted = values.only?.split(',');
  const asked = (...names: readonly string[]) => wanted === undefined || names.some((name) => wanted.some((one) => name.includes(one)));
  mkdirSync(join(packageRoot(), '.box'), { recursive: true });
  const work = values.keep ?? mkdtempSync(join(packageRoot(), '.box', 'eval-'));
  mkdirSync(work, { recursive: true });
  const options = { threads: 1, only: values.detections?.split(','), peers: values.peers };

  const chosen = scenarios(half).filter((one) => asked(one.side, one.name, ...one.attacks.map(({ kind }) => kind.kind)));
  console.log(`Half: ${half}. Captures: ${chosen.map(({ name, seed }) => `${name} (${seed})`).join(', ') || 'none'}.`);
  const measured = await inParallel(chosen, AT_ONCE, async (scenario): Promise<Measured> => {
    const path = join(work, `${scenario.name.replaceAll(' ', '-')}.log.gz`);
    const built = await build(scenario, path);
    if (values.keep !== undefined) writeFileSync(path.replace('.log.gz', '.incidents.json'), JSON.stringify(built.incidents, null, 1));
    const { told, detectMs } = await judge([path], options);
    if (values.keep === undefined) rmSync(path);
    console.error(
      `${scenario.name}: ${built.records} records, detect ${(detectMs / 1000).toFixed(1)} s, ${((Date.now() - began) / 1000).toFixed(0)} s so far`,
    );
    return {
      name: scenario.name,
      side: scenario.side,
      told,
      scores: scoresOf(told, built.incidents),
      ...(scenario.side === 'ordinary' ? { noise: noiseOf(scenario.workload, built, told) } : {}),
    };
  });
  if (values.capture !== undefined)
    for (const { name, log, incidents } of labelledCaptures(values.capture)) {
      const { told } = await judge([log], options);
      measured.push({ name, side: 'captures', told, scores: scoresOf(told, incidents) });
    }
  const attacked = (side: Measured['side']) => measured.filter((one) => one.side === side);
  const overSide = (side: Measured['side'], rules: string) => together(attacked(side).map(({ scores }) => scores.get(rules) ?? EMPTY));
  const sides = Object.fromEntries(
    [...SIDES.slice(1), 'captures' as const].map((side) => [
      side,
      attacked(side).length === 0 ? [] : setsOf(values.peers).map((rules) => sideResult(rules, overSide(side, rules))),
    ]),
  );
  const results: Results = {
    measured: new Date().toISOString().slice(0, 10),
    half,
    sides,
    kinds: ([...SIDES.slice(1)] as Side[]).flatMap((side) => kindResults(side, overSide(side, OURS))),
    noise: measured.flatMap(({ noise }) => noise ?? []),
    detections: detectionsOf(measured),
    honeypot: asked('honeypot') ? await honeypot(half, options) : [],
    numenta: asked('numenta') ? await numenta(half, work, options) : [],
  };
  if (values.keep === undefined) rmSync(work, { recursive: true, force: true });
  for (const one of tablesOf(results)) console.log(printed(one));
  if (values.verbose) for (const one of measured) printDetails(one);
  const prompt = new Set(ATTACKS.filter((kind) => kind.prompt).map(({ kind }) => kind));
  const all = together(measured.map(({ scores }) => scores.get(OURS) ?? EMPTY));
  const problems = missed(results, medianDelay({ ...all, seen: all.seen.filter(({ incident }) => prompt.has(incident.kind)) }));
  console.log(`\n${((Date.now() - began) / 1000).toFixed(0)} s.`);
  for (const problem of problems) console.error(`MISSED: ${problem}`);
  if (values.write) writeFileSync(join(packageRoot(), 'eval', 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  process.exitCode = half === 'reporting' && wanted === undefined && problems.length > 0 ? 1 : 0;
}

const EMPTY: Score = { seen: [], right: [], wrong: [] };
const setsOf = (peers: boolean) => (peers ? RULE_SETS : [OURS]);

const scoresOf = (told: ReadonlyMap<string, readonly Told[]>, incidents: Parameters<typeof score>[1]) =>
  new Map([...told].map(([rules, some]) => [rules, score(some, incidents, rules !== OURS)]));

function noiseOf(kind: string, built: Awaited<ReturnType<typeof build>>, told: ReadonlyMap<string, readonly Told[]>): NoiseResult {
  const mine = told.get(OURS) ?? [];
  const high = mine.filter((one) => atLeast(one, 'high')).length;
  const medium = mine.filter((one) => atLeast(one, 'medium')).length - high;
  return {
    kind,
    interfaces: built.interfaces,
    interfaceWeeks: Number(built.interfaceWeeks.toFixed(2)),
    records: built.records,
    noise: Object.fromEntries([...told].map(([rules, some]) => [rules, perHundred(some, 'medium', built.interfaceWeeks)])),
    high,
    medium,
    quieter: mine.length - high - medium,
  };
}

function detectionsOf(measured: readonly Measured[]): DetectionResult[] {
  const ids = [...new Set(measured.flatMap(({ told }) => (told.get(OURS) ?? []).map(({ rule }) => rule)))].sort();
  const scores = measured.filter(({ side }) => side !== 'ordinary').map(({ scores: own }) => own.get(OURS) ?? EMPTY);
  const all = together(scores);
  return ids.map((detection) => {
    const of = (told: readonly Told[]) => told.filter(({ rule }) => rule === detection).length;
    return {
      detection,
      saw: all.seen.filter(({ by }) => of(by) > 0).length,
      right: of(all.right),
      wrong: of(all.wrong),
      noise: measured
        .filter(({ side }) => side === 'ordinary')
        .reduce((sum, { told }) => sum + of((told.get(OURS) ?? []).filter((one) => atLeast(one, 'medium'))), 0),
    };
  });
}

function printDetails({ name, side, scores, told }: Measured): void {
  const own = scores.get(OURS) ?? EMPTY;
  const line = (one: Told) => `  ${one.severity} ${one.rule} ${new Date(one.from * 1000).toISOString()} ${one.title}`;
  const wrong = side === 'ordinary' ? (told.get(OURS) ?? []) : own.wrong;
  const lost = own.seen.filter(({ by }) => by.length === 0);
  if (wrong.length + lost.length > 0) console.log(`\n${name}`);
  for (const { incident } of lost)
    console.log(`  MISSED ${incident.id}: ${incident.actors.slice(0, 4).join(' ')} ${new Date(incident.from * 1000).toISOString()}`);
  for (const one of wrong.slice(0, 40)) console.log(line(one));
  if (wrong.length > 40) console.log(`  and ${wrong.length - 40} more`);
}

void main();
