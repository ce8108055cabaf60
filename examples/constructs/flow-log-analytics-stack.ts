import type { Environment } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FlowLogAnalyticsStack, parseConfig } from 'flow-log-analytics/constructs';

const CONFIG = `
definitions:
  - id: vpc
    scope: { vpc: vpc-0123456789abcdef0 }
watch: false
`;

/** The app's own stack, from a configuration as in the other examples. */
export class FlowLogAnalyticsStackExample extends FlowLogAnalyticsStack {
  constructor(scope: Construct, id: string, { env }: { readonly env?: Environment } = {}) {
    super(scope, id, { config: parseConfig('config', CONFIG), ...(env === undefined ? {} : { env }) });
  }
}
