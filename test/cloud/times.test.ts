import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { AthenaEngine } from '../../lib/engine/athena';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { openRecords } from '../../lib/source/records';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';
import { TIMES, timesQuery, ZONES } from '../support/times';

/** Every function of times on Trino and here: summer time, times that come twice or never, half hours, before 1970. */
const folder = temporaryFolder();
const athena = new AthenaEngine(new AthenaClient({}), { workgroup: 'times', database: 'default' });

beforeAll(() =>
  new AthenaClient({}).send(
    new CreateWorkGroupCommand({ Name: 'times', Configuration: { ManagedQueryResultsConfiguration: { Enabled: true } } }),
  ),
);

test.each(ZONES)(
  'times in %s',
  async (zone) => {
    const log = writeLog(folder, 'a.log', `${HEADER}\n${line()}\n`);
    const records = await openRecords([log], { cache: undefined, threads: 2, memory: '300MB' });
    try {
      const duckdb = await DuckDbEngine.over(records);
      const [here, there] = [await duckdb.run(timesQuery(zone)), await athena.run(timesQuery(zone))];
      expect(there.rows).toHaveLength(TIMES.length);
      const differences = there.rows.flatMap((row, i) =>
        Object.entries(row)
          .filter(([name, value]) => JSON.stringify(here.rows[i]?.[name]) !== JSON.stringify(value))
          .map(
            ([name, value]) => `${String(row['s'])} ${name}: Trino ${JSON.stringify(value)}, here ${JSON.stringify(here.rows[i]?.[name])}`,
          ),
      );
      expect(differences).toEqual([]);
    } finally {
      await records.close();
    }
  },
  120_000,
);
