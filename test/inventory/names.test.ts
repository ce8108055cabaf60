import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNames } from '../../lib/inventory/names';
import { temporaryFolder } from '../support/logs';
import { mmdbOf } from '../support/mmdb';

const folder = temporaryFolder();
let files = 0;

function file(content: string | Buffer): string {
  const path = join(folder, `names-${++files}`);
  writeFileSync(path, content);
  return path;
}

describe('CSV', () => {
  test('names networks, the most specific first', () => {
    const names = openNames([
      file(
        'network,name,kind,workload\n10.0.0.0/8,office,,\n"10.0.0.52",payments-db,database,payments\n\n2001:db8::/64,"lab, ""two""",,\n',
      ),
    ]);
    expect(names.fields).toEqual(['name', 'kind', 'workload', 'owner', 'country', 'asn']);
    expect(names.of('10.0.0.52')).toMatchObject({ name: 'payments-db', kind: 'database', workload: 'payments' });
    expect(names.of('10.0.0.53')).toMatchObject({ name: 'office' });
    expect(names.of('2001:db8::7')).toMatchObject({ name: 'lab, "two"' });
    expect(names.of('192.0.2.1')).toBeUndefined();
    expect(names.attribution()).toBeUndefined();
    expect(names.of('8.8.8.8')).toMatchObject({ owner: 'Google LLC', country: 'US', asn: 15169 });
    expect(names.attribution()).toContain('DB-IP');
  });

  test.each([
    ['with a header', 'from,to,asn,owner\n8.8.8.0,8.8.8.9,AS64496,Example Hosting\n'],
    ['of ip-location-db', '8.8.8.0,8.8.8.9,64496,Example Hosting\n'],
  ])('owners %s replace owners, not countries', (_, text) => {
    const names = openNames([file(text)]);
    expect(names.of('8.8.8.9')).toEqual({ owner: 'Example Hosting', country: 'US', asn: 64496 });
    expect(names.of('8.8.8.10')).toEqual({ country: 'US' });
  });

  test('owners of both kinds replace all', () => {
    const names = openNames([file('8.8.8.0,8.8.8.9,64496,Example Hosting\n'), file('8.8.8.8,8.8.8.8,NL\n')]);
    expect(names.of('8.8.8.8')).toEqual({ owner: 'Example Hosting', country: 'NL', asn: 64496 });
    expect(names.of('1.1.1.1')).toBeUndefined();
    expect(names.attribution()).toBeUndefined();
  });

  test.each([
    ['', 'the file is empty'],
    ['x\n', ', line 1: got "x"; expected a header line with address, network, or from and to'],
    ['address\n10.0.0.1\n', 'line 1: got "address"; expected a header line'],
    [
      'address,name\n10.0.0.1,a\n10.0.0.999,b\n',
      'line 3: "10.0.0.999" is no address or network; expected such as 10.0.0.52 or 10.0.0.0/24',
    ],
    ['address,name\n10.0.0.1,a,b\n', 'line 2: got 3 fields; expected 2'],
    ['address,name\n10.0.0.1,"a\n', 'line 2: a quote is not closed'],
    ['from,to,country\n10.0.0.9,10.0.0.1,NL\n', 'line 2: got "10.0.0.9 to 10.0.0.1"; expected the first and the last address'],
    ['from,to,country\n10.0.0.9,2001:db8::,NL\n', 'line 2: got "10.0.0.9 to 2001:db8::"'],
    ['network,asn\n10.0.0.9,12a\n', 'line 2: asn "12a": expected a number such as 64496 or AS64496'],
  ])('broken: %j', (text, message) => {
    const path = file(text);
    expect(() => openNames([path])).toThrow(message);
    expect(() => openNames([path])).toThrow(path);
  });
});

describe('MMDB', () => {
  const asn = mmdbOf('GeoLite2-ASN', {
    '8.8.8.0/24': { autonomous_system_number: 64496, autonomous_system_organization: 'Example Hosting' },
    '2001:db8::/32': { autonomous_system_number: 64497, autonomous_system_organization: 'Example Six' },
  });

  test('of systems leaves the countries of the package', () => {
    const names = openNames([file(asn)]);
    expect(names.of('8.8.8.8')).toEqual({ owner: 'Example Hosting', asn: 64496, country: 'US' });
    expect(names.of('2001:db8::1')).toEqual({ owner: 'Example Six', asn: 64497 });
    expect(names.of('1.1.1.1')).toEqual({ country: 'AU' });
    expect(names.of('eni-0abc')).toBeUndefined();
  });

  test.each([
    ['GeoLite2-Country', { country: { iso_code: 'NL' } }, { country: 'NL' }],
    ['DBIP-Location (compat=City)', { country: { iso_code: 'NL' } }, { country: 'NL' }],
    ['ipinfo bundle', { asn: 'AS64496', as_name: 'Example', country_code: 'NL' }, { country: 'NL', owner: 'Example', asn: 64496 }],
    ['own', { asn: 'AS64496', as_name: 'Example', country: 'NL' }, { country: 'NL', owner: 'Example', asn: 64496 }],
  ])('%s', (type, entry, known) => {
    expect(openNames([file(mmdbOf(type, { '8.8.8.0/24': entry }))]).of('8.8.8.8')).toMatchObject(known);
  });

  test('of IPv4 alone', () => {
    const names = openNames([file(mmdbOf('own', { '8.8.8.0/24': { country: 'NL' } }, 4))]);
    expect([names.of('8.8.8.8')?.country, names.of('2001:db8::1')]).toEqual(['NL', undefined]);
  });

  test('damaged: named', () => {
    const path = file(Buffer.concat([asn.subarray(0, 30), asn.subarray(asn.indexOf(Buffer.from('\xab\xcd\xefMaxMind', 'latin1')))]));
    expect(() => openNames([path]).of('8.8.8.8')).toThrow(`${path}: a damaged MMDB file`);
    const cut = file(asn.subarray(0, asn.length - 60));
    expect(() => openNames([cut])).toThrow(`${cut}: a damaged MMDB file`);
  });
});
