import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findField } from '../../lib/flow-log/fields';
import { FOREIGN_FIELDS, FOREIGN_NAMES, FOREIGN_SOURCES, foreignTitle } from '../../lib/flow-log/foreign';
import { formatOf, sqlNameOf } from '../../lib/flow-log/format';
import { sourceOf } from '../../lib/source/foreign/registry';
import { SOURCE_FORMATS } from '../../lib/source/sniff';

const docs = join(__dirname, '..', '..', 'docs');

test.each(FOREIGN_SOURCES)(
  '%s: its columns are a format, none of them named like one of AWS; it has a page and --source-format takes it',
  (source) => {
    const names = FOREIGN_NAMES[source];
    expect(() => formatOf(names)).not.toThrow();
    const own = names.filter((name) => findField(name) === undefined);
    const aws = new Set(names.filter((name) => findField(name) !== undefined).map(sqlNameOf));
    expect(own.filter((name) => aws.has(name))).toEqual([]);
    expect(SOURCE_FORMATS).toContain(source);
    const page = join(docs, 'sources', `${source}.md`);
    expect(existsSync(page)).toBe(true);
    const text = readFileSync(page, 'utf8');
    // The mapping table names every column that is the source's own.
    expect(own.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
    expect(text).toMatch(/\bLost\b/);
    expect(readFileSync(join(docs, 'reading.md'), 'utf8')).toContain(`[${foreignTitle(source)}](sources/${source}.md)`);
  },
);

test('a column that several sources have means the same in all', () => {
  const byName = new Map<string, string>();
  for (const { name, ...field } of FOREIGN_FIELDS) {
    const before = byName.get(name);
    if (before !== undefined) expect([name, JSON.stringify(field)]).toEqual([name, before]);
    byName.set(name, JSON.stringify(field));
  }
});

test.each([
  ['ibm', '{"version": "0.0.1", "collector_crn": "crn:…", "flow_logs": []}'],
  ['jcs', '{"DescribeFlowLogResponse": {"value": {"item": []}}}'],
  ['skydive', '[{"UUID": "a", "LayersPath": "Ethernet/IPv4/TCP"}]'],
  ['gcp', '{"jsonPayload":{"connection":{"src_ip":"10.0.0.1","dest_ip":"10.0.0.2"},"reporter":"SRC"}}'],
  ['azure', '{"records":[{"category":"FlowLogFlowEvent"}]}'],
  ['oci', '{"data":{"flowid":"a"},"type":"com.oraclecloud.vcn.flowlogs.DataEvent"}'],
  ['alibaba', '{"eni-id":"eni-1","vswitch-id":"vsw-1"}'],
  ['alibaba', 'version,account-id,eni-id,vm-id\n'],
  ['zeek', '#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tconn_state\n'],
  ['zeek', '{"ts":1,"uid":"C","id.orig_h":"10.0.0.1","conn_state":"SF"}'],
  ['nfdump', 'ts,te,td,sa,da,sp,dp,pr\n'],
  ['nfdump', '[{"t_first":"2026-01-01T00:00:00.000","src4_addr":"10.0.0.1"}]'],
  [undefined, '{"events":[{"message":"2 123456789012 eni-1 srcaddr"}]}'],
  [undefined, '{"jsonPayload":{"connection":{"src_ip":"10.0.0.1"},"disposition":"ALLOWED","rule_details":{}}}'],
  [undefined, '{"records":[{"category":"NetworkSecurityGroupRuleCounter"}]}'],
  [undefined, 'timestamp,message\n1,eni-id\n'],
  [undefined, 'version account-id interface-id srcaddr dstaddr\n'],
  [undefined, '{"ts":1,"uid":"C","id.orig_h":"10.0.0.1","query":"example.org"}'],
] as const)('%s claims %s, and nothing else does', (source, head) => {
  expect(sourceOf(head)).toBe(source);
});
