import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Incident } from './attacks/attack';

export interface LabelledCapture {
  readonly name: string;
  readonly log: string;
  readonly incidents: readonly Incident[];
}

const incidents = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    actors: z.array(z.string()).min(1),
    need: z.array(z.string()).optional(),
    n: z.number().optional(),
    from: z.number(),
    to: z.number(),
  }),
);

/**
 * `<name>.incidents.json` beside `<name>.log.gz` (or `.log`), as eval/convert writes them.
 * @throws Error naming the file and what is wrong with it
 */
export function labelledCaptures(folder: string): LabelledCapture[] {
  if (!existsSync(folder)) throw new Error(`--capture ${folder}: no such folder`);
  const suffix = '.incidents.json';
  const names = readdirSync(folder).filter((file) => file.endsWith(suffix));
  if (names.length === 0) throw new Error(`--capture ${folder}: no file *${suffix} in it`);
  return names.sort().map((file) => {
    const name = file.slice(0, -suffix.length);
    const log = [`${name}.log.gz`, `${name}.log`].map((one) => join(folder, one)).find((path) => existsSync(path));
    if (log === undefined) throw new Error(`${join(folder, file)}: expected ${name}.log.gz or ${name}.log beside it`);
    const parsed = incidents.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    if (!parsed.success) throw new Error(`${join(folder, file)}: ${z.prettifyError(parsed.error)}`);
    return { name, log, incidents: parsed.data as readonly Incident[] };
  });
}
