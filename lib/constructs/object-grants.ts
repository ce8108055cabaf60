import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

export interface ObjectGrantOptions {
  readonly bucket: IBucket;
  /** Folder, without slash at its end. */
  readonly prefix: string;
  readonly write?: boolean;
}

/** Exactly what reading (and writing) the objects below a folder takes: the CDK's own grants are wider. */
export function grantObjects(grantee: IGrantable, { bucket, prefix, write = false }: ObjectGrantOptions): Grant {
  const grant = (actions: string[], resourceArn: string, conditions?: Record<string, Record<string, unknown>>) =>
    Grant.addToPrincipalOrResource({
      grantee,
      actions,
      resourceArns: [resourceArn],
      resource: bucket,
      ...(conditions === undefined ? {} : { conditions }),
    });
  const objects = write ? ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'] : ['s3:GetObject'];
  const grants = [
    grant(objects, bucket.arnForObjects(`${prefix}/*`)),
    grant(['s3:ListBucket'], bucket.bucketArn, { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } }),
    grant(['s3:GetBucketLocation'], bucket.bucketArn),
  ];
  const { encryptionKey } = bucket;
  if (encryptionKey !== undefined) grants.push(encryptionKey.grant(grantee, 'kms:Decrypt', ...(write ? ['kms:GenerateDataKey'] : [])));
  return grants.reduce((all, one) => all.combine(one));
}
