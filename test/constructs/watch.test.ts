import { Template } from 'aws-cdk-lib/assertions';
import { ALARMS } from '../../lib/finding/alarms';
import { filterPattern } from '../../lib/constructs/traffic-metrics';
import { parseFormat } from '../../lib/flow-log/format';
import { exampleStack, type Resource, resourcesOf, stackOf } from './support';

/** The watch as CloudFormation sees it. */
const VPC = 'definitions: [{ id: vpc, scope: { vpc: vpc-0123456789abcdef0 } }]';
const LOGS = 'definitions: [{ id: live, scope: { vpc: vpc-0123456789abcdef0 }, destination: { cloudWatchLogs: {} } }]';
const watched = (watch: string, definitions = VPC, more = '') => `${definitions}\nwatch: ${watch}\n${more}`;
const ofType = (resources: readonly Resource[], type: string) => resources.filter(({ Type }) => Type === type);
const inputsOf = (resources: readonly Resource[]) =>
  ofType(resources, 'AWS::Scheduler::Schedule').flatMap(({ Properties }) => {
    const { Target, ScheduleExpression } = Properties as { Target: { Input?: string }; ScheduleExpression: string };
    return Target.Input === undefined ? [] : [{ ...(JSON.parse(Target.Input) as Record<string, unknown>), expression: ScheduleExpression }];
  }) as unknown as {
    schedule: string;
    analysis: string;
    engine: string;
    everySeconds: number;
    lagSeconds: number;
    parameters: unknown;
    scope: unknown;
    expression: string;
  }[];

const example = resourcesOf(exampleStack('watch.yaml'));

test('every alarm acts on the topic and names its runbook heading, or is one half of a composite that does', () => {
  const composites = ofType(example, 'AWS::CloudWatch::CompositeAlarm');
  const rules = JSON.stringify(composites.map(({ Properties }) => Properties['AlarmRule']));
  const alarms = [...ofType(example, 'AWS::CloudWatch::Alarm'), ...composites, ...ofType(example, 'AWS::CloudWatch::LogAlarm')];
  expect(alarms.length).toBeGreaterThan(25);
  const headings = new Set<string>();
  for (const { id, Properties } of alarms) {
    if (rules.includes(`"${id}"`)) {
      expect(Properties['AlarmDescription']).toContain('Part of the alarm');
      expect(Properties['AlarmActions']).toBeUndefined();
      continue;
    }
    expect(JSON.stringify(Properties['AlarmActions'])).toContain('NotificationsTopic');
    const heading =
      /Runbook: https:\/\/wiki\.example\.com\/flow-logs\/runbook#([a-z-]+)$/.exec(String(Properties['AlarmDescription']))?.[1] ?? '';
    headings.add(heading);
  }
  expect([...headings].sort()).toEqual(
    Object.keys(ALARMS)
      // The lake's are in lake.test.ts; no example truncates.
      .filter((name) => name !== 'run-truncated' && !name.startsWith('lake-'))
      .sort(),
  );
});

test('a quiet night does not ring: floor and anomaly band must both be in alarm', () => {
  for (const { Properties } of ofType(example, 'AWS::CloudWatch::CompositeAlarm'))
    expect(JSON.stringify(Properties['AlarmRule'])).toMatch(/ALARM\(.*Floor.*AND.*ALARM\(.*Band/s);
});

test('what must come has time to come when the stack is new', () => {
  const late = ofType(example, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties['TreatMissingData'] === 'breaching');
  expect(late.length).toBeGreaterThan(15);
  for (const { Properties } of late) {
    const minutes = (Properties['WarmUpConfiguration'] as { WarmUpPeriodDurationInMinutes: number }).WarmUpPeriodDurationInMinutes;
    expect(minutes).toBeGreaterThanOrEqual(Math.min(2880, (Number(Properties['Period']) * Number(Properties['EvaluationPeriods'])) / 60));
  }
});

test('a metric filter names every field of the format, in order', () => {
  expect(filterPattern(parseFormat('version srcaddr dstport action log-status'), { action: 'REJECT', dstport: ['22', '3389'] })).toBe(
    '[version, srcaddr, dstport=22 || dstport=3389, action="REJECT", log_status]',
  );
  const filters = ofType(example, 'AWS::Logs::MetricFilter');
  expect(filters.map(({ Properties }) => (Properties['MetricTransformations'] as { MetricName: string }[])[0]?.MetricName).sort()).toEqual([
    'AcceptedBytes',
    'AcceptedPackets',
    'AcceptedRecords',
    'RejectedAdministrationRecords',
    'RejectedBytes',
    'RejectedPackets',
    'RejectedRecords',
    'SkippedRecords',
  ]);
  for (const { Properties } of filters)
    expect(String(Properties['FilterPattern']).split(',')).toHaveLength(parseFormat('recommended').names.length);
});

test('schedules fire behind the lag, spread over minutes, and say all that a run needs', () => {
  const inputs = inputsOf(example);
  expect(inputs.find(({ schedule }) => schedule === 'rejection-spike')).toMatchObject({
    analysis: 'rejection-spike',
    engine: 'athena',
    everySeconds: 3600,
    lagSeconds: 1200,
  });
  for (const { expression, everySeconds, lagSeconds } of inputs) {
    const minute = Number(/^cron\((\d+)/.exec(expression)?.[1]);
    if (everySeconds >= 3600) expect(minute * 60).toBeGreaterThan(lagSeconds);
  }
  expect(new Set(inputs.map(({ expression }) => expression)).size).toBeGreaterThan(8);
  expect(inputs.map(({ schedule }) => schedule)).not.toContain('unencrypted-traffic');
});

test('a profile is a run of its own, with the values of its role and its own, and the general run leaves it out', () => {
  const inputs = inputsOf(example);
  const [all, open, inner] = ['rejection-spike', 'rejection-spike@public', 'rejection-spike@private'].map((name) =>
    inputs.find(({ schedule }) => schedule === name),
  );
  expect(open).toMatchObject({ parameters: { interface_floor: 300 }, scope: { subnet: ['subnet-0123456789abcdef0'] } });
  expect(inner).toMatchObject({ parameters: { interface_floor: 30 } });
  expect(all?.scope).toEqual({ except: [{ subnet: ['subnet-0123456789abcdef0'] }, { subnet: ['subnet-0fedcba9876543210'] }] });
});

test('detections of a profile are saved queries where no schedule runs them', () => {
  const profiles = 'profiles: { public: { role: public, scope: [subnet=subnet-0123456789abcdef0] } }';
  const savedOf = (watch: string) =>
    ofType(resourcesOf(stackOf(watched(watch, VPC, profiles))), 'AWS::Athena::NamedQuery').map(
      ({ Properties }) => Properties as { Name: string; QueryString: unknown },
    );
  const ofPublic = (saved: { Name: string }[]) => saved.filter(({ Name }) => Name.startsWith('detections/public/'));
  const saved = ofPublic(savedOf('false')).find(({ Name }) => Name.endsWith('/rejection-spike'));
  expect(JSON.stringify(saved)).toContain("subnet_id IN ('subnet-0123456789abcdef0')");
  expect(ofPublic(savedOf('{}'))).toEqual([]);
});

test('suppressions and lists reach the function, and it may read the lists', () => {
  const policies = JSON.stringify(ofType(example, 'AWS::IAM::Policy'));
  expect(policies).toContain(':s3:::company-threat-lists/networks.txt');
  expect(inputsOf(example).find(({ schedule }) => schedule === 'threat-list-match')).toMatchObject({
    parametersFrom: { networks: 's3://company-threat-lists/networks.txt' },
  });
});

test('what cannot run is named with its reason, in the construct and in the output', () => {
  const stack = stackOf(watched('{}'));
  expect(stack.analytics.scheduled?.notScheduled.get('threat-list-match')).toBe(
    'needs a value for networks: set parameters or parametersFrom',
  );
  expect([...(stack.analytics.scheduled?.notScheduled.keys() ?? [])]).toEqual(['threat-list-match', 'unencrypted-traffic']);
  const { Outputs } = Template.fromStack(stack).toJSON() as { Outputs: Record<string, { Description: string }> };
  const schedules = inputsOf(resourcesOf(stack)).length;
  expect(schedules).toBeGreaterThanOrEqual(24);
  expect(Outputs['RunFunctionName']?.Description).toBe(
    `Runs ${schedules} schedules; not scheduled, since fields or values are missing: threat-list-match, unencrypted-traffic`,
  );
});

test('a detection of which another says more runs where it is asked for, also by its options', () => {
  const runsOf = (watch: string) => inputsOf(resourcesOf(stackOf(watched(watch)))).map(({ analysis }) => analysis);
  expect(runsOf('{}')).toContain('port-scan');
  expect(runsOf('{}')).not.toContain('vertical-scan');
  expect(runsOf('{ schedules: { vertical-scan: { parameters: { ports: 30 } } } }')).toEqual(
    expect.arrayContaining(['port-scan', 'vertical-scan']),
  );
  expect(runsOf('{ schedules: { port-scan: { enabled: false } } }')).toContain('vertical-scan');
  expect(runsOf('{ include: [vertical-scan] }')).toEqual(['vertical-scan']);
});

test('watch: false saves the questions and makes nothing else', () => {
  const types = new Set(resourcesOf(stackOf(watched('false'))).map(({ Type }) => Type));
  for (const type of ['AWS::Lambda::Function', 'AWS::SNS::Topic', 'AWS::CloudWatch::Alarm', 'AWS::DynamoDB::Table'])
    expect(types).not.toContain(type);
  expect(types).toContain('AWS::Athena::NamedQuery');
});

test('without a table, detections with a text for Logs Insights run there', () => {
  const inputs = inputsOf(resourcesOf(stackOf(watched('{}', LOGS))));
  expect(new Set(inputs.map(({ engine }) => engine))).toEqual(new Set(['insights']));
  expect(inputs.map(({ schedule }) => schedule).sort()).toEqual([
    'blocked-by-vpc-control',
    'horizontal-scan',
    'unexpected-protocol',
    'vertical-scan',
  ]);
  expect(inputs[0]).toMatchObject({ lagSeconds: 600 });
});

test('a log group of the class INFREQUENT_ACCESS has no metric filters and no alarms on them', () => {
  const resources = resourcesOf(
    stackOf(watched('{}', LOGS.replace('cloudWatchLogs: {}', 'cloudWatchLogs: { logGroupClass: INFREQUENT_ACCESS }'))),
  );
  expect(ofType(resources, 'AWS::Logs::MetricFilter')).toEqual([]);
});

test('an alarm is switched off, or its threshold moved, where the configuration says so', () => {
  const resources = resourcesOf(stackOf(watched('{ alarms: { run-failed: false, dead-letters: { threshold: 7 } } }')));
  const alarms = ofType(resources, 'AWS::CloudWatch::Alarm');
  expect(alarms.some(({ id }) => id.includes('runfailed'))).toBe(false);
  expect(alarms.find(({ id }) => id.includes('deadletters'))?.Properties['Threshold']).toBe(7);
});

test.each([
  [
    'a schedule shorter than delivery',
    watched('{ schedules: { rejection-spike: { every: 1m } } }'),
    /every: got 60 s, expected at least 300 s/,
  ],
  [
    'a schedule that divides no day',
    watched('{ schedules: { rejection-spike: { every: 7h } } }'),
    /got 25200 s, expected an even division of an hour or a day/,
  ],
  [
    'a parameter out of bounds',
    watched('{ schedules: { vertical-scan: { parameters: { ports: 1 } } } }'),
    /parameter ports: expected at least 2, got 1/,
  ],
  [
    'an unknown parameter',
    watched('{ schedules: { vertical-scan: { parameters: { port: 30 } } } }'),
    /vertical-scan has no parameter "port"; expected bucket_minutes, ports/,
  ],
  ['a report on a schedule', watched('{ include: [top-talkers] }'), /top-talkers: got a report, expected a detection/],
  ['an unknown detection', watched('{ exclude: [vertical-scans] }'), /no analysis "vertical-scans": did you mean vertical-scan/],
  [
    'a detection whose parameter has no value',
    watched('{ include: [threat-list-match] }'),
    /needs a value for networks: set parameters or parametersFrom/,
  ],
  ['a detection that the format cannot answer', watched('{ include: [unencrypted-traffic] }'), /needs interface-id, .*encryption-status/],
  ['an unknown time zone', watched('{ timeZone: Berlin }'), /timeZone: got "Berlin", expected an IANA name/],
  ['an unknown alarm', watched('{ alarms: { run-faild: false } }'), /watch/],
  ['no such file of suppressions', watched('{ suppressions: nowhere.yaml }'), /nowhere\.yaml: no such file of suppressions/],
  [
    'a profile that says nothing',
    watched('{}', VPC, 'profiles: { public: { scope: [subnet=subnet-1] } }'),
    /expected role, parameters or both/,
  ],
])('fails at synth: %s', (_, yaml, message) => {
  expect(() => stackOf(yaml)).toThrow(message);
});
