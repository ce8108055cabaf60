import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { parseScope, SavedAnalyses } from 'flow-log-analytics/constructs';
import { records, workgroup } from './parts/other-stack';

/** Some reports saved in a workgroup, and once more for a part of the network. */
export class SavedAnalysesExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new SavedAnalyses(this, 'Questions', {
      view: records(this),
      workgroup: workgroup(this),
      include: ['top-talkers', 'top-rejected-sources', 'rejection-spike'],
      profiles: [
        {
          name: 'public',
          scope: parseScope(['subnet=subnet-0123456789abcdef0']),
          parameters: { 'rejection-spike': { interface_floor: 500 } },
        },
      ],
    });
  }
}
