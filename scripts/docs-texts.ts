/** Prints the generated documentation as JSON: files by name, and parts of docs/deploy.md by mark. The sources say it, not the build. */
import { textOf } from '../cli/docs';
import { templateDocs } from '../test/templates/docs';

const FILES = ['fields', 'analyses', 'schema', 'runbook', 'config', 'finding', 'api'];

async function main([folder = '']: readonly string[]): Promise<void> {
  const files: Record<string, string> = {};
  for (const what of FILES) files[what] = await textOf(what, {});
  process.stdout.write(JSON.stringify({ files, parts: templateDocs(folder) }));
}

void main(process.argv.slice(2));
