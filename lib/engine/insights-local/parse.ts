import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../package-root';

export interface Pattern {
  readonly pattern: 'glob' | 'regex';
  readonly value: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Expression =
  | { readonly node: 'field'; readonly name: string }
  | { readonly node: 'number'; readonly value: number }
  | { readonly node: 'string'; readonly value: string }
  | { readonly node: 'duration'; readonly value: number; readonly unit: string }
  | { readonly node: 'star' }
  | { readonly node: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly at: Place }
  | { readonly node: 'not' | 'negate'; readonly operand: Expression }
  | { readonly node: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly node: 'compare'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly node: 'in'; readonly negated: boolean; readonly value: Expression; readonly list: readonly Expression[] }
  | { readonly node: 'like'; readonly negated: boolean; readonly value: Expression; readonly pattern: Pattern };

export interface Item {
  readonly expression: Expression;
  readonly alias: string | null;
  /** As written: the name of a column without alias. */
  readonly text: string;
}

export type Command =
  | { readonly command: 'fields' | 'display'; readonly items: readonly Item[] }
  | { readonly command: 'filter'; readonly condition: Expression }
  | { readonly command: 'parse'; readonly field: Expression; readonly pattern: Pattern; readonly as: readonly string[] }
  | { readonly command: 'stats'; readonly aggregates: readonly Item[]; readonly by: readonly Item[] }
  | { readonly command: 'sort'; readonly keys: readonly { readonly expression: Expression; readonly descending: boolean }[] }
  | { readonly command: 'limit'; readonly count: number }
  | { readonly command: 'dedup'; readonly names: readonly string[] }
  | { readonly command: 'unknown'; readonly name: string; readonly at: Place };

/** Text that is not valid Logs Insights QL, or uses an unsupported feature. */
export class InsightsSyntaxError extends Error {
  override name = 'InsightsSyntaxError';
}

let parser: { parse(text: string): unknown } | undefined;

async function load(): Promise<{ parse(text: string): unknown }> {
  const { default: peggy } = await import('peggy');
  return peggy.generate(readFileSync(join(packageRoot(), 'lib', 'engine', 'insights-local', 'grammar.peggy'), 'utf8'));
}

/** @throws InsightsSyntaxError with line, column, got and expected */
export async function parseInsights(text: string): Promise<Command[]> {
  parser ??= await load();
  try {
    return parser.parse(text) as Command[];
  } catch (error) {
    const { location } = error as { location?: { start: Place } };
    const at = location === undefined ? '' : `line ${location.start.line}, column ${location.start.column}: `;
    throw new InsightsSyntaxError(`${at}${(error as Error).message}`, { cause: error });
  }
}
