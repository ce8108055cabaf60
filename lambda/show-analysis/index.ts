import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { openPacked } from '../../lib/analysis/packed';
import { AthenaEngine } from '../../lib/engine/athena';
import { partitionsNamed } from '../../lib/flow-log/layout';
import { drawWidget } from '../../lib/report/drawing';
import { environmentSchema } from './env';
import { createHandler } from './handler';

const env = environmentSchema.parse(process.env);
const catalogue = openPacked(readFileSync(join(__dirname, 'catalogue.json'), 'utf8'));
const [database = ''] = env.RECORDS_VIEW.split('.');

/** Entry point of the function. */
export const handler = createHandler({
  catalogue,
  target: {
    catalogue,
    engine: new AthenaEngine(new AthenaClient({ maxAttempts: 6 }), { workgroup: env.WORKGROUP, database }),
    table: env.RECORDS_VIEW,
    partitions: partitionsNamed(env.PARTITIONS),
  },
  draw: (analysis, rows) => drawWidget(analysis, rows, join(__dirname, 'widget.js')),
});
