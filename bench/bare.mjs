// The yardstick: DuckDB through node-api with explicit columns and nothing else. bare.mjs FOLDER
import { DuckDBInstance } from '@duckdb/node-api';

const names = 'version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status'.split(
  ' ',
);
const integers = new Set(['version', 'srcport', 'dstport', 'protocol']);
const bigints = new Set(['packets', 'bytes', 'start', 'end']);
const columns = names.map((name) => `'${name}': '${integers.has(name) ? 'INTEGER' : bigints.has(name) ? 'BIGINT' : 'VARCHAR'}'`).join(', ');
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '400MB', preserve_insertion_order: 'false' });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(
  `SELECT srcaddr, count(*) AS records
   FROM read_csv('${process.argv[2]}/AWSLogs/**/*.gz', columns = {${columns}}, delim = ' ', header = true, nullstr = '-', auto_detect = false, quote = '', escape = '', new_line = '\\n')
   WHERE action = 'REJECT' GROUP BY srcaddr ORDER BY records DESC, srcaddr LIMIT 20`,
);
console.log(JSON.stringify(reader.getRowObjectsJson()));
