/**
 * Values that are known only when a stack is deployed, in a file that is written before: the file refers to them, the environment
 * (which takes 4 KB) holds them, each once.
 */
import * as z from 'zod';

const REFERENCE = /^@(\d+)$/;

/** Stands for the value at an index. */
export const lateReference = (index: number): string => `@${index}`;

/** The environment variable that holds the values. */
export const LATE = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));

/** A file's JSON with the values in it. @throws Error where it refers to one that is not there */
export const fillLate = (text: string, values: readonly string[]): unknown =>
  JSON.parse(text, (_, value: unknown) => {
    const index = typeof value === 'string' ? REFERENCE.exec(value)?.[1] : undefined;
    if (index === undefined) return value;
    const found = values[Number(index)];
    if (found === undefined) throw new Error(`@${index}: the environment has ${values.length} values`);
    return found;
  });
