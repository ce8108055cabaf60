import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { configJsonSchema } from '../../lib/config';
import { ConfigError, DELETE_DATA_CONTEXT, FlowLogAnalyticsStack, FlowLogConfigurationError, parseConfig } from '../../lib/constructs';
import { EXAMPLES } from '../templates/configurations';

/** Every option is shown: it occurs in an example, and the template is another without it. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const branches = (schema: Schema): readonly Schema[] =>
  (schema.anyOf ?? [schema]).flatMap((one) => (one.anyOf === undefined ? [one] : branches(one)));

/** `definitions[].scope.vpc`; the key of a record is `*`. */
function optionsOf(schema: Schema, path = ''): string[] {
  const found = branches(schema).flatMap(({ properties, additionalProperties, items }) => [
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) => {
      const here = path === '' ? name : `${path}.${name}`;
      return [here, ...optionsOf(inner, here)];
    }),
    ...(typeof additionalProperties === 'object' ? optionsOf(additionalProperties, `${path}.*`) : []),
    ...(items === undefined ? [] : optionsOf(items, `${path}[]`)),
  ]);
  return [...new Set(found)];
}

const ALL = optionsOf(configJsonSchema());
/** An option that holds others is shown by them. */
const OPTIONS = ALL.filter((option) => !ALL.some((other) => /^[.[]/.test(other.slice(option.length)) && other.startsWith(option)));

type Yaml = Record<string, unknown>;
type Holder = Record<string, unknown>;

/** Where an option occurs in a configuration: the objects that have it. */
function holdersOf(value: unknown, [step = '', ...rest]: readonly string[]): Holder[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  if (step === '[]' || step === '*') return Object.values(holder).flatMap((inner) => holdersOf(inner, rest));
  if (!Object.hasOwn(holder, step)) return [];
  return rest.length === 0 ? [holder] : holdersOf(holder[step], rest);
}

const stepsOf = (option: string): string[] => option.replaceAll('[]', '.[]').split('.');

const read = (file: string): Yaml => {
  const yaml = parse(readFileSync(join(__dirname, '..', '..', file), 'utf8')) as Yaml & { watch?: { suppressions?: string } };
  if (yaml.watch?.suppressions !== undefined) yaml.watch.suppressions = resolve(dirname(file), yaml.watch.suppressions);
  return yaml;
};

/** What the option cannot change is left out, which takes most of the time of a synth. */
function without(yaml: Yaml, option: string): Yaml {
  const [job = ''] = option.split(/[.[]/);
  const needsWatch = ['watch', 'profiles', 'accounts', 'regions', 'account', 'region'].includes(job) || option === 'analyses.folders';
  return {
    ...yaml,
    ...(needsWatch ? {} : { watch: false }),
    ...(['analyses', 'profiles', 'watch'].includes(job) ? {} : { analyses: { include: ['top-talkers'] }, profiles: {} }),
  };
}

/** The second key of `deleteWithStack`. */
const CONTEXT = { [DELETE_DATA_CONTEXT]: true };

function templateOf(yaml: Yaml): string {
  const config = parseConfig('test', JSON.stringify(yaml));
  const env = { account: config.account ?? '123456789012', region: config.region ?? 'eu-central-1' };
  return JSON.stringify(
    Template.fromStack(new FlowLogAnalyticsStack(new App({ context: CONTEXT }), config.stackName, { config, env })).toJSON(),
  );
}

/** Other values of options that must be there. */
const OTHERS: readonly (readonly [RegExp, unknown])[] = [
  [/\.format$/, 'version srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status interface-id'],
  [/\.id$/, 'another'],
  [/\.bucket$/, 'another-bucket'],
  [/\.tagKeys$/, ['another']],
  [/\.resourceType$/, 'network-interface'],
  [/\.deliveryStreamArn$/, 'arn:aws:firehose:us-east-1:000000000000:deliverystream/another'],
  [/^profiles\.\*\.scope$/, ['cidr=10.9.0.0/16']],
  [/\.throttle\.(rate|burst)$/, 77],
];

/** The template of a configuration that can be deployed. */
function deployable(yaml: Yaml): string | undefined {
  try {
    return templateOf(yaml);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof FlowLogConfigurationError) return undefined;
    throw error;
  }
}

/** The template without the option in one place, or with another value where it must be there. */
function changed(yaml: Yaml, option: string, place: number): string | undefined {
  const copy = structuredClone(yaml);
  const name = option.slice(option.lastIndexOf('.') + 1);
  const holder = holdersOf(copy, stepsOf(option))[place] ?? {};
  const before = holder[name];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- an option is taken out
  delete holder[name];
  const removed = deployable(copy);
  if (removed !== undefined) return removed;
  holder[name] = OTHERS.find(([pattern]) => pattern.test(option))?.[1] ?? String(before).replace(/[0-9a-f](?=[^0-9a-f]*$)/, 'e');
  return deployable(copy);
}

function changesTemplate(yaml: Yaml, option: string): boolean {
  const places = holdersOf(yaml, stepsOf(option)).map((_, place) => place);
  // Most options show in the template of a part, which takes less time; some change what the watch may do.
  return [without(yaml, option), yaml].some((part) => {
    const before = templateOf(part);
    return places.some((place) => {
      const after = changed(part, option, place);
      return after !== undefined && after !== before;
    });
  });
}

const CONFIGURED = EXAMPLES.map((file) => ({ file: basename(file), yaml: read(file) })).sort(
  (a, b) => JSON.stringify(a.yaml).length - JSON.stringify(b.yaml).length,
);

test.each(OPTIONS)('%s', (option) => {
  const shown = CONFIGURED.filter(({ yaml }) => holdersOf(yaml, stepsOf(option)).length > 0);
  expect(shown.length > 0 ? 'in an example' : 'in no example').toBe('in an example');
  const effect = shown.some(({ yaml }) => changesTemplate(yaml, option)) ? 'changes' : 'does not change';
  expect(`${shown.map(({ file }) => file).join(', ')}: it ${effect} the template`).toMatch(/: it changes/);
});
