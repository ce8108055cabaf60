/** What the checks of templates and the cloud tests deploy: every example, and what no example shows. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

const yamlsIn = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));

export const EXAMPLES = yamlsIn('examples');

/** Paths from the project's folder. */
export const CONFIGURATIONS: readonly string[] = [...EXAMPLES, ...yamlsIn('test/templates')];
