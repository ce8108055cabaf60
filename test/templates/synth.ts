/**
 * Every configuration as templates, once: `node tsx test/templates/synth.ts FOLDER`. A folder per Region, one of each partition; that of
 * us-east-1 is an assembly that the cloud tests deploy, and `update` the same with other settings.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { FlowLogAnalyticsStack, parseConfig } from '../../lib/constructs';
import { CONFIGURATIONS } from './configurations';

/** The account that the emulator has by default. */
const ACCOUNT = '000000000000';
const HOME = 'us-east-1';
/** Partition of each Region. */
const REGIONS = { [HOME]: 'aws', 'cn-north-1': 'aws-cn', 'us-gov-west-1': 'aws-us-gov', 'eusc-de-east-1': 'aws-eusc' };

type Yaml = Record<string, unknown> & { watch?: false | Record<string, unknown>; workgroup?: object };

function read(file: string): Yaml {
  const yaml = parse(readFileSync(file, 'utf8')) as Yaml;
  const { watch } = yaml;
  if (typeof watch === 'object' && typeof watch['suppressions'] === 'string')
    return { ...yaml, watch: { ...watch, suppressions: resolve(dirname(file), watch['suppressions']) } };
  return yaml;
}

/** Touches tables, workgroups, functions, alarms and the dashboard, and nothing that holds data. */
const changed = (yaml: Yaml): Yaml => ({
  ...yaml,
  since: '2026-09-01',
  workgroup: { ...yaml.workgroup, scanLimitGiB: 20 },
  ...(yaml.watch === false ? {} : { watch: { ...yaml.watch, runbookUrl: 'https://wiki.example.com/changed', overlap: '2h' } }),
});

/** As somebody there would have written it. */
const writtenIn = (region: string, partition: string, text: string) =>
  text.replaceAll(HOME, region).replaceAll('arn:aws:', `arn:${partition}:`);

/** An assembly with a stack of each configuration, which are YAML by the name that errors give them; its folder. */
export function assemble(outdir: string, yamls: Readonly<Record<string, string>>, { account = ACCOUNT, region = HOME } = {}): string {
  const app = new App({
    outdir,
    // Templates of other partitions are read, not deployed: their assets need no copies.
    context: { '@aws-cdk/core:validateAgainstDefaultRules': region === HOME, 'aws:cdk:disable-asset-staging': region !== HOME },
  });
  for (const [name, yaml] of Object.entries(yamls)) {
    const config = parseConfig(name, yaml);
    new FlowLogAnalyticsStack(app, config.stackName, { config, env: { account, region } });
  }
  app.synth();
  // The assets are copies of it.
  rmSync(join(outdir, 'functions'), { recursive: true, force: true });
  return outdir;
}

function synthesise(outdir: string, region: string, partition: string, change: (yaml: Yaml) => Yaml = (yaml) => yaml): void {
  const yamls = CONFIGURATIONS.map((file) => [file, writtenIn(region, partition, JSON.stringify(change(read(file))))] as const);
  assemble(outdir, Object.fromEntries(yamls), { region });
}

if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const [region, partition] of Object.entries(REGIONS)) synthesise(join(folder, region), region, partition);
  synthesise(join(folder, 'update'), HOME, REGIONS[HOME], changed);
}
