import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { configFromContext, FlowLogAnalyticsStack, parseConfig } from '../../lib/constructs';

const FOLDER = join(__dirname, '..', '..', 'examples');

/**
 * What the CDK finds in templates fails a synth only where its context says so, as `validated` does: elsewhere it would be looked for, which
 * takes longer than the synth, and printed at most.
 */
process.env['CDK_VALIDATION'] = 'false';
export function validated<T>(synth: () => T): T {
  delete process.env['CDK_VALIDATION'];
  try {
    return synth();
  } finally {
    process.env['CDK_VALIDATION'] = 'false';
  }
}

export const EXAMPLES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A stack of a configuration, as `cdk synth` makes it. */
export function stackOf(yaml: string, context: Record<string, unknown> = {}): FlowLogAnalyticsStack {
  const app = new App({ context });
  const config = parseConfig('test.yaml', yaml);
  return new FlowLogAnalyticsStack(app, config.stackName, { config, env: { account: '123456789012', region: 'us-east-1' } });
}

/** A stack of an example, read from its file as `cdk -c config=FILE` does. */
export function exampleStack(name: string, app = new App()): FlowLogAnalyticsStack {
  const config = configFromContext((key) => (key === 'config' ? join(FOLDER, name) : undefined))!;
  return new FlowLogAnalyticsStack(app, config.stackName, { config, env: { account: '123456789012', region: 'us-east-1' } });
}

export function resourcesOf(stack: FlowLogAnalyticsStack): Resource[] {
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, Omit<Resource, 'id'>> };
  return Object.entries(Resources).map(([id, resource]) => ({
    id,
    ...resource,
    Properties: (resource.Properties as Record<string, unknown> | undefined) ?? {},
  }));
}
