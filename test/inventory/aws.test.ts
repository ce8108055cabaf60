/** Shapes of EC2's API reference and of the descriptions that AWS's services write. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNames } from '../../lib/inventory/names';
import { temporaryFolder } from '../support/logs';

const fixtures = join(__dirname, '..', 'fixtures', 'aws-inventory');
const folder = temporaryFolder();
const file = (name: string, value: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};

describe('a folder of what the AWS CLI printed', () => {
  const names = openNames([fixtures]);

  test.each([
    ['the instance that it is attached to', '10.0.1.17', 'bastion', 'instance', 'bastion'],
    ['its public address', '203.0.113.12', 'bastion', 'instance', 'bastion'],
    ['an instance of an Auto Scaling group', '10.0.1.18', 'web-1', 'instance', 'web'],
    ['an instance without a name or an interface of its own', '10.0.1.19', 'i-0598c7d356eba48d9', 'instance', 'i-0598c7d356eba48d9'],
    ['an instance that is gone', '10.0.2.18', 'i-0000000000000gone', 'instance', 'i-0000000000000gone'],
    ['a second address', '10.0.2.19', 'i-0000000000000gone', 'instance', 'i-0000000000000gone'],
    ['a public address of the second', '203.0.113.19', 'i-0000000000000gone', 'instance', 'i-0000000000000gone'],
    ['an IPv6 address', '2001:db8:1234:1a00:9691:9503:25ad:1761', 'i-0000000000000gone', 'instance', 'i-0000000000000gone'],
    ['a prefix', '10.0.3.30', 'i-0000000000000gone', 'instance', 'i-0000000000000gone'],
    ['the tag Name, first of all', '10.0.0.52', 'payments-db', 'database', 'payments-db'],
    ['a database', '10.0.0.53', 'RDS', 'database', 'RDS'],
    ['an application load balancer', '10.0.1.30', 'ELB web', 'load-balancer', 'ELB web'],
    ['a network load balancer', '10.0.1.31', 'ELB tcp-front', 'load-balancer', 'ELB tcp-front'],
    ['a classic load balancer', '10.0.1.32', 'ELB classic-front', 'load-balancer', 'ELB classic-front'],
    ['a NAT gateway by its own name', '10.0.1.40', 'egress-d', 'nat-gateway', 'egress-d'],
    ['its public address', '203.0.113.40', 'egress-d', 'nat-gateway', 'egress-d'],
    ['a function', '10.0.2.11', 'Lambda orders', 'function', 'Lambda orders'],
    [
      'an endpoint by its service',
      '10.0.2.12',
      'endpoint com.amazonaws.us-east-1.secretsmanager',
      'endpoint',
      'endpoint com.amazonaws.us-east-1.secretsmanager',
    ],
    [
      'a transit gateway',
      '10.0.2.13',
      'transit gateway tgw-attach-0b5968d3b6ac6b9ce',
      'transit-gateway',
      'transit gateway tgw-attach-0b5968d3b6ac6b9ce',
    ],
    ['a task', '10.0.2.14', 'ECS 8f4b8e3a-3f0a-4b2e-9b0c-1a2b3c4d5e6f', 'container', 'ECS 8f4b8e3a-3f0a-4b2e-9b0c-1a2b3c4d5e6f'],
    ['a cache', '10.0.2.15', 'ElastiCache sessions-001', 'database', 'ElastiCache sessions-001'],
    ['a file system', '10.0.2.16', 'EFS fs-0123abcd', 'other', 'EFS fs-0123abcd'],
    ['an interface that is attached to nothing', '10.0.2.17', 'eni-000000000000000f', 'other', 'eni-000000000000000f'],
  ])('%s', (_, address, name, kind, workload) => expect(names.of(address)).toMatchObject({ name, kind, workload }));

  test.each([
    ['10.0.1.99', 'public-d'],
    ['2001:db8:1234:1a00::99', 'public-d'],
    ['10.0.9.9', 'vpc-0a1b2c3d4e5f60718'],
    ['100.64.3.3', 'vpc-0a1b2c3d4e5f60718'],
  ])('%s, which nothing has: the network that it is in, of no kind', (address, name) => {
    expect(names.of(address)).toMatchObject({ name });
    expect(names.of(address)?.kind ?? null).toBeNull();
  });

  test('nothing of other addresses', () => expect(names.of('172.16.0.1')).toBeUndefined());

  test('public addresses keep their owners', () => expect(names.of('8.8.8.8')).toMatchObject({ owner: 'Google LLC' }));
});

test('the order of the files does not matter', () => {
  const paths = ['vpcs', 'subnets', 'nat-gateways', 'vpc-endpoints', 'instances', 'network-interfaces'].map((one) =>
    join(fixtures, `${one}.json`),
  );
  const [one, other] = [openNames(paths), openNames([...paths].reverse())];
  for (const address of ['10.0.1.17', '10.0.1.18', '10.0.1.40', '10.0.2.12', '10.0.1.99', '10.0.9.9'])
    expect(one.of(address)).toEqual(other.of(address));
});

test('a CSV and an inventory, the first that knows a field', () => {
  const csv = file('own.csv', 'address,name,workload\n10.0.0.53,orders-db,orders\n');
  const names = openNames([csv, join(fixtures, 'network-interfaces.json')]);
  expect(names.of('10.0.0.53')).toMatchObject({ name: 'orders-db', kind: 'database', workload: 'orders' });
});

test.each([
  ['broken.json', '{"NetworkInterfaces": [', /broken\.json: not JSON \(/],
  [
    'other.json',
    { Buckets: [] },
    /other\.json: expected the output of aws ec2 describe-network-interfaces.*NetworkInterfaces, Reservations/,
  ],
  ['list.json', [1], /list\.json: expected the output of aws ec2/],
])('%s is named', (name, value, message) => expect(() => openNames([file(name, value)])).toThrow(message));

test('shapes that are not as they should be are left out', () => {
  const odd = {
    NetworkInterfaces: [
      null,
      7,
      {},
      { PrivateIpAddress: 5 },
      { PrivateIpAddress: 'x', TagSet: 'y' },
      { PrivateIpAddress: '10.0.0.1', TagSet: [{}] },
    ],
  };
  const names = openNames([file('odd.json', odd)]);
  expect(names.of('10.0.0.1')?.name ?? null).toBeNull();
});

test('hidden files and folders in a folder are left out', () => {
  const own = join(folder, 'own');
  mkdirSync(join(own, 'sub'), { recursive: true });
  writeFileSync(join(own, '.DS_Store'), '\0\0');
  writeFileSync(join(own, 'a.json'), readFileSync(join(fixtures, 'network-interfaces.json')));
  expect(openNames([own]).of('10.0.0.52')).toMatchObject({ name: 'payments-db' });
});
