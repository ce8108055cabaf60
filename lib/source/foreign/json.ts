/** Sources whose flows are objects in JSON. */
import { JsonItems, type JsonShape, parseJson } from '../json-items';
import type { ForeignLines } from './lines';
import type { FileReader } from './reader';

export const startsLikeJson = (head: string): boolean => /^\s*[[{]/.test(head);

/** Elements of a top-level array, or objects one after the other. */
export const NO_ARRAYS: ReadonlySet<string> = new Set();

/** Takes one item that is JSON; `raw` is its text. */
export type JsonRead = (lines: ForeignLines, line: number, value: unknown, raw: string) => void;

/** Reads a file of flows; what is no JSON is one rejected line, and costs no other flow. */
export function jsonFile(lines: ForeignLines, shape: JsonShape, read: JsonRead): FileReader {
  const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString('utf8');
  const items = new JsonItems(
    shape,
    ({ text, line }) => {
      const raw = utf8(text);
      let value: unknown;
      try {
        value = parseJson(raw);
      } catch (error) {
        return lines.badLine(line, raw, `not valid JSON: ${(error as Error).message}`);
      }
      read(lines, line, value, raw);
    },
    ({ text, line }, reason) => lines.badLine(line, utf8(text.slice(0, MAX_SHOWN)), `not valid JSON: ${reason}`),
  );
  return {
    push: (chunk) => items.push(chunk.toString('latin1')),
    end: (damage) => {
      items.end();
      if (damage !== undefined) lines.cutShort(damage);
    },
  };
}

const MAX_SHOWN = 4096;
