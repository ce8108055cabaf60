import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

export interface Template {
  readonly stack: string;
  /** As it is uploaded. */
  readonly bytes: number;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { Value: unknown; Description?: string }>>;
}

/** The templates of an assembly, in the order of their stacks. */
export function templatesIn(folder: string): Template[] {
  const suffix = '.template.json';
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const { Resources = {}, Outputs = {} } = JSON.parse(text) as Partial<Template>;
      return { stack: name.slice(0, -suffix.length), bytes: Buffer.byteLength(text), Resources, Outputs };
    });
}
