/** The checks of a runbook with the arguments of one finding: what a person pastes at three in the morning. */
import { durationSeconds } from '../analysis/duration';
import { isoTime } from '../analysis/render';
import type { AnalysisDefinition } from '../analysis/schema';
import { shellQuoted } from './command';
import type { Finding } from './finding';

/** Engine and stack of the printed commands. */
export interface Asking {
  /** Arguments in place of `--engine athena --stack STACK`: sources, or an engine. */
  readonly where: readonly string[];
  /** Additional arguments of every command, such as `--queries`. */
  readonly reading: readonly string[];
  /** Why a question cannot run there; undefined if it can. */
  readonly unable?: ((question: string) => string | undefined) | undefined;
}

/** Prose, or a command that stands for itself. */
export interface CheckPart {
  readonly kind: 'text' | 'command';
  readonly text: string;
  /** Of a command: why it cannot be pasted as it is. */
  readonly note?: string | undefined;
}

/** One step. */
export type Check = readonly CheckPart[];

/** What the capital words of `checks` stand for (docs/runbook.md). */
const PLACEHOLDERS = ['SOURCE', 'DESTINATION', 'ENI', 'PORT', 'FROM', 'TO', 'KEY', 'STACK', 'OWN', 'LISTED'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];
const PLACEHOLDER = new RegExp(`\\b(?:${PLACEHOLDERS.join('|')})\\b`, 'g');

/** Columns of the evidence that say it. */
const COLUMNS: Readonly<Partial<Record<Placeholder, readonly string[]>>> = {
  SOURCE: ['srcaddr', 'actor'],
  DESTINATION: ['dstaddr'],
  ENI: ['interface_id', 'actor'],
  PORT: ['dstport', 'lowest_port'],
  OWN: ['own_address'],
  LISTED: ['listed_address'],
};

const ADDRESS = /^[0-9a-f.:]*[.:][0-9a-f.:]*$/i;
const LOOKS: Readonly<Partial<Record<Placeholder, RegExp>>> = {
  SOURCE: ADDRESS,
  DESTINATION: ADDRESS,
  OWN: ADDRESS,
  LISTED: ADDRESS,
  ENI: /^[a-z]+-[A-Za-z0-9-]+$/,
  PORT: /^\d+$/,
};

/** Values come from logs: what does not look as it should is not put into a command. */
function valuesOf({ evidence, key, time, until }: Finding): ReadonlyMap<string, string> {
  const values = new Map<string, string>([
    ['FROM', time],
    ['TO', until],
  ]);
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  if (!/[\x00-\x1f\x7f]/.test(key)) values.set('KEY', key);
  for (const [name, columns] of Object.entries(COLUMNS)) {
    const found = columns
      .map((column) => evidence[column])
      .find((value) => value !== null && value !== undefined && LOOKS[name as Placeholder]?.test(String(value)) === true);
    if (found !== undefined) values.set(name, String(found));
  }
  return values;
}

const fill = (text: string, values: ReadonlyMap<string, string>): string =>
  text
    .replace(/\b(SOURCE|DESTINATION|OWN|LISTED)\/32\b/g, (all, name: string) =>
      values.get(name)?.includes(':') === true ? `${name}/128` : all,
    )
    .replace(PLACEHOLDER, (name) => values.get(name) ?? name);

const openIn = (text: string, values: ReadonlyMap<string, string>): string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([name]) => name).filter((name) => !values.has(name));

/** Words as a shell splits them; quotes stay. */
const wordsOf = (command: string): string[] => command.match(/(?:'[^']*'|[^\s'])+/g) ?? [];

function filledWord(word: string, values: ReadonlyMap<string, string>): string {
  const address =
    word.includes('addresses.private-ip-address') &&
    [...word.matchAll(PLACEHOLDER)].some(([name]) => values.get(name)?.includes(':') === true);
  const text = address ? word.replace('addresses.private-ip-address', 'ipv6-addresses.ipv6-address') : word;
  return fill(text, values) === text ? text : shellQuoted(fill(text.replaceAll("'", ''), values));
}

function commandOf(command: string, finding: Finding, values: ReadonlyMap<string, string>, { where, reading, unable }: Asking): CheckPart {
  const words = wordsOf(command);
  const out: string[] = [];
  const ours = words[0] === 'flowlogs';
  for (let i = 0; i < words.length; i++) {
    const [word = '', next = ''] = [words[i], words[i + 1]];
    if (ours && word === '--engine') {
      // `--engine athena --stack STACK`
      out.push(...where.map(shellQuoted));
      i += 3;
    } else if (ours && word === '--scope' && openIn(next, values).length > 0) {
      // No particular address: the check covers all.
      i++;
    } else if (ours && word === '--from' && next.startsWith('-')) {
      out.push(word, isoTime(Date.parse(finding.until) / 1000 - (durationSeconds(next.slice(1)) ?? 0)));
      i++;
    } else out.push(filledWord(word, values));
  }
  if (ours) out.push(...reading.map(shellQuoted));
  const open = [...new Set(openIn(out.join(' '), values))];
  const question = words[1] === 'query' ? (words[2] ?? '') : undefined;
  const reason = question === undefined ? undefined : unable?.(question);
  const notes = [
    ...(reason === undefined ? [] : [`not available: ${reason}`]),
    ...(open.length === 0 ? [] : [`${open.join(', ')}: the finding has none, or several`]),
  ];
  return { kind: 'command', text: out.join(' '), ...(notes.length === 0 ? {} : { note: notes.join('; ') }) };
}

/** The steps of a finding's runbook, filled in. */
export function checksOf({ checks = [] }: Pick<AnalysisDefinition, 'checks'>, finding: Finding, asking: Asking): Check[] {
  const values = valuesOf(finding);
  return checks.map((check) =>
    check
      .trim()
      .split(/(`[^`]+`)/)
      .flatMap((part): CheckPart[] => {
        const command = /^`([^`]*\s[^`]*)`$/.exec(part)?.[1];
        return part === ''
          ? []
          : [command === undefined ? { kind: 'text', text: fill(part, values) } : commandOf(command, finding, values, asking)];
      })
      .reduce<CheckPart[]>((parts, part) => {
        const last = parts.at(-1);
        // A word in backticks belongs to the prose around it.
        if (last?.kind !== 'text' || part.kind !== 'text') return [...parts, part];
        return [...parts.slice(0, -1), { kind: 'text', text: last.text + part.text }];
      }, [])
      .map((part) => (part.kind === 'text' ? { ...part, text: part.text.replace(/^[\s,;.:]+|\s+$/g, '') } : part))
      .filter(({ text }) => text !== ''),
  );
}
