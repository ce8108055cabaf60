import { App } from 'aws-cdk-lib';
import { configFromContext } from '../lib/config';
import { FlowLogAnalyticsStack } from '../lib/constructs/flow-log-analytics-stack';

/** What the user wrote is wrong: the message says all, a stack trace would hide it. */
const EXPLAINED = ['ConfigError', 'CatalogueError', 'FlowLogConfigurationError', 'FormatError', 'RenderError'];

try {
  const app = new App();
  const config = configFromContext((key) => app.node.tryGetContext(key) as unknown);
  const account = config?.account ?? process.env['CDK_DEFAULT_ACCOUNT'];
  const region = config?.region ?? process.env['CDK_DEFAULT_REGION'];
  new FlowLogAnalyticsStack(app, config?.stackName ?? 'FlowLogAnalytics', {
    ...(config === undefined ? {} : { config }),
    env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) },
  });
} catch (error) {
  if (!(error instanceof Error) || !EXPLAINED.includes(error.name)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
