/** Prints the generated documentation as JSON: files by name, and parts of others by file and mark. The sources say it, not the build. */
import { scaleDocs } from '../bench/scale/print';
import { textOf } from '../cli/docs';
import { measuredDocs } from '../eval/docs';
import { templateDocs } from '../test/templates/docs';
import { constructDocs } from './construct-docs';
import { costTables } from './cost-tables';

const FILES = ['fields', 'analyses', 'schema', 'runbook', 'config', 'finding', 'api'];

async function main([folder = '']: readonly string[]): Promise<void> {
  const files: Record<string, string> = {};
  for (const what of FILES) files[what] = await textOf(what, {});
  files['constructs'] = constructDocs();
  process.stdout.write(
    JSON.stringify({
      files,
      parts: {
        'docs/deploy.md': templateDocs(folder),
        'docs/cost.md': await costTables(),
        'docs/scale.md': scaleDocs(),
        ...measuredDocs(),
      },
    }),
  );
}

void main(process.argv.slice(2));
