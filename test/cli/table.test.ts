import { table } from '../../cli/table';

const columns = [
  { name: 'srcaddr', numeric: false, address: true },
  { name: 'dstaddr', numeric: false, address: true },
  { name: 'bytes', numeric: true },
];
const rows = [
  { srcaddr: '2001:db8:1234:1a00:9691:9503:25ad:1761 · Example Hosting · NL', dstaddr: '10.0.0.52 payments-db', bytes: 5 },
  { srcaddr: '203.0.113.9', dstaddr: '10.0.0.53', bytes: 1234 },
];

test.each([
  [undefined, '2001:db8:1234:1a00:9691:9503:25ad:1761 · Example Hosting · NL  10.0.0.52 payments-db      5'],
  [80, '2001:db8:1234:1a00:9691:9503:25ad:1761 · Example …  10.0.0.52 payments-db      5'],
  [60, '2001:db8:1234:1a00:9691:9503:25ad:1761…  10.0.0.52 p…      5'],
  [30, '2001:db8:1234:1a00:9691:9503:25ad:1761…  10.0.0.52 p…      5'],
])('in a width of %s addresses stay whole, their names are cut', (width, line) => {
  expect(table(columns, rows, { width, colour: false }).split('\n')[1]).toBe(line);
});
