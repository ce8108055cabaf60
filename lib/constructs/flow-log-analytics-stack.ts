import { CfnParameter, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config';
import { FlowLogAnalytics } from './flow-log-analytics';
import { FlowLogScope } from './flow-log-scope';
import { Imports } from './imports';
import { questionsFromConfig } from './questions-config';
import { stackOutputs } from './stack-outputs';
import { storageFromConfig } from './storage-config';
import { watchFromConfig } from './watch-config';

/** A configuration as the app reads it. */
export interface FlowLogAnalyticsStackProps extends StackProps {
  /** Parsed by `parseConfig`. @default - logs the VPC of the CloudFormation parameter `VpcId` */
  readonly config?: Config;
}

/** The app: configuration to constructs, and outputs with the next commands. */
export class FlowLogAnalyticsStack extends Stack {
  /** The constructs that the configuration describes. */
  readonly analytics: FlowLogAnalytics;

  constructor(scope: Construct, id: string, { config, ...props }: FlowLogAnalyticsStackProps) {
    super(scope, id, {
      description: 'VPC flow logs, tables and saved questions (flow-log-analytics)',
      // A template holds a megabyte, and profiles repeat the texts of questions: a tenth would be blanks.
      suppressTemplateIndentation: true,
      ...props,
    });
    this.analytics = config === undefined ? this.ofParameter() : this.ofConfig(config);
    stackOutputs(this, this.analytics);
  }

  private ofParameter(): FlowLogAnalytics {
    const vpcId = new CfnParameter(this, 'VpcId', { type: 'AWS::EC2::VPC::Id', description: 'The VPC whose traffic is logged' });
    return new FlowLogAnalytics(this, 'Analytics', { definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId(vpcId.valueAsString) }] });
  }

  private ofConfig(config: Config): FlowLogAnalytics {
    const imports = new Imports(this);
    return new FlowLogAnalytics(this, 'Analytics', {
      ...storageFromConfig(config, imports),
      ...questionsFromConfig(config, imports),
      ...(config.watch === undefined ? {} : { watch: config.watch === false ? false : watchFromConfig(config.watch, imports) }),
    });
  }
}
