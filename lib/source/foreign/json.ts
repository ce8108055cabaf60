/** Sources whose flows are objects in JSON. */
import { shown } from '../bytes';
import { JsonItems, type JsonShape, readItem } from '../json-items';
import type { ForeignLines } from './lines';
import { type FileReader, itemReader } from './reader';

export const startsLikeJson = (head: string): boolean => /^\s*[[{]/.test(head);

/** Elements of a top-level array, or objects one after the other. */
export const NO_ARRAYS: ReadonlySet<string> = new Set();

/** Takes one item that is JSON; `raw` is its text. */
export type JsonRead = (lines: ForeignLines, line: number, value: unknown, raw: string) => void;

/** Reads a file of flows; what is no JSON is one rejected line, and costs no other flow. */
export function jsonFile(lines: ForeignLines, shape: JsonShape, read: JsonRead): FileReader {
  const items = new JsonItems(
    shape,
    ({ text, line }) => {
      const item = readItem(text);
      if ('reason' in item) lines.badLine(line, item.raw, `not valid JSON: ${item.reason}`);
      else read(lines, line, item.value, item.raw);
    },
    ({ text, line }, reason) => lines.badLine(line, shown(text.slice(0, MAX_SHOWN)), `not valid JSON: ${reason}`),
  );
  return itemReader(items, lines);
}

const MAX_SHOWN = 4096;
