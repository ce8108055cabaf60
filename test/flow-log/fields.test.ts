import { DEFAULT_TGW_FIELDS, DEFAULT_VPC_FIELDS, FIELDS, findField } from '../../lib/flow-log/fields';

const namesOf = (kind: 'vpc' | 'transit-gateway', since: number) =>
  FIELDS.filter((f) => f.logs.includes(kind) && f.since === since).map((f) => f.name);

test.each([
  [2, 14],
  [3, 7],
  [4, 4],
  [5, 4],
  [6, 0],
  [7, 10],
  [8, 1],
  [9, 1],
  [10, 1],
  [11, 12],
])('version %i adds %i VPC fields', (since, count) => {
  expect(namesOf('vpc', since)).toHaveLength(count);
});

test.each([
  [2, 12],
  [3, 2],
  [4, 1],
  [5, 3],
  [6, 18],
])('version %i adds %i transit-gateway fields', (since, count) => {
  expect(namesOf('transit-gateway', since)).toHaveLength(count);
});

test('names are unique in every language', () => {
  for (const key of ['name', 'sqlName', 'insightsName'] as const) expect(new Set(FIELDS.map((f) => f[key])).size).toBe(FIELDS.length);
});

test('the default formats consist of known fields of their kind', () => {
  expect(DEFAULT_VPC_FIELDS.every((name) => findField(name)?.logs.includes('vpc'))).toBe(true);
  expect(DEFAULT_TGW_FIELDS.every((name) => findField(name)?.logs.includes('transit-gateway'))).toBe(true);
  expect(new Set(DEFAULT_TGW_FIELDS)).toEqual(new Set(FIELDS.filter((f) => f.logs.includes('transit-gateway')).map((f) => f.name)));
});

test.each([
  ['start', 'start', 'startTime', 'INT_64', 'bigint'],
  ['protocol', 'protocol', 'protocol', 'INT_32', 'int'],
  ['pkt-srcaddr', 'pkt_srcaddr', 'pktSrcAddr', 'STRING', 'string'],
  ['instance-tag-2', 'instance_tag_2', 'instanceTag2', 'STRING', 'string'],
  ['packets-lost-mtu-exceeded', 'packets_lost_mtu_exceeded', 'packetsLostMtuExceeded', 'INT_64', 'bigint'],
])('%s is %s in SQL, %s in Insights, %s in Parquet, %s in Athena', (name, sqlName, insightsName, parquetType, athenaType) => {
  expect(findField(name)).toMatchObject({ sqlName, insightsName, parquetType, athenaType });
});

test('fields that need extra rights say which', () => {
  const needing = FIELDS.filter((f) => f.permissions.length > 0).map((f) => f.since);
  expect(new Set(needing)).toEqual(new Set([7, 11]));
  expect(findField('ecs-service-name')?.permissions).toEqual(['ecs:ListClusters', 'ecs:ListServices']);
});
