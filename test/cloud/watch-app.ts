/** The app's own stack, its schedules sped up to one a minute. Run by watch.test.ts. */
import { App, CfnResource } from 'aws-cdk-lib';
import { configFromContext, FlowLogAnalyticsStack } from '../../lib/constructs';

if (require.main === module) {
  const app = new App();
  const config = configFromContext((key) => (key === 'config' ? process.env['WATCH_CONFIG'] : undefined))!;
  const stack = new FlowLogAnalyticsStack(app, config.stackName, { config, env: { account: '000000000000', region: 'us-east-1' } });
  for (const { schedule } of stack.analytics.scheduled?.runs ?? []) schedule.scheduleExpression = 'rate(1 minute)';
  // Said outright: the emulator keeps the state of before where a template says nothing.
  const state = process.env['WATCH_PAUSED'] === 'true' ? 'DISABLED' : 'ENABLED';
  for (const child of stack.node.findAll())
    if (child instanceof CfnResource && child.cfnResourceType === 'AWS::Scheduler::Schedule') child.addPropertyOverride('State', state);
}
