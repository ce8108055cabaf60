import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { FlowLogBucket, type IFlowLogBucket } from './flow-log-bucket';
import { present } from './present';

/** What a configuration names and others made, each by the id of its construct. No template contains it. */
export class Imports {
  constructor(private readonly scope: Construct) {}

  key(id: string, arn: string | undefined): IKey | undefined {
    return arn === undefined ? undefined : Key.fromKeyArn(this.scope, id, arn);
  }

  bucket(id: string, bucketName: string, keyArn?: string): IBucket {
    return Bucket.fromBucketAttributes(this.scope, id, { bucketName, ...present({ encryptionKey: this.key(`${id}-Key`, keyArn) }) });
  }

  bucketIfNamed(id: string, bucketName: string | undefined, keyArn?: string): IBucket | undefined {
    return bucketName === undefined ? undefined : this.bucket(id, bucketName, keyArn);
  }

  deliveryBucket(id: string, bucketName: string, keyArn?: string): IFlowLogBucket {
    return FlowLogBucket.fromBucket(this.scope, `Delivery-${id}`, this.bucket(`Bucket-${id}`, bucketName, keyArn));
  }

  topic(topicArn: string | undefined, keyArn: string | undefined): ITopic | undefined {
    return topicArn === undefined ? undefined : Topic.fromTopicAttributes(this.scope, 'Topic', { topicArn, ...present({ keyArn }) });
  }

  eventBus(name: string | undefined): IEventBus | undefined {
    return name === undefined ? undefined : EventBus.fromEventBusName(this.scope, 'EventBus', name);
  }

  logGroup(id: string, name: string | undefined): ILogGroup | undefined {
    return name === undefined ? undefined : LogGroup.fromLogGroupName(this.scope, id, name);
  }
}
