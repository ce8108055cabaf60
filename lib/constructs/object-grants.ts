import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

export interface ObjectGrantOptions {
  readonly bucket: IBucket;
  /** Folder, without slash at its end. */
  readonly prefix: string;
  readonly write?: boolean;
}

/** Exactly what reading (and writing) the objects below a folder takes: the CDK's own grants are wider. */
export const OBJECT_ACTIONS = {
  read: ['s3:GetObject'],
  write: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
  /** Of the bucket, for the folder. */
  list: ['s3:ListBucket'],
  /** Of the bucket. */
  locate: ['s3:GetBucketLocation'],
  /** Of the bucket's key. */
  decrypt: ['kms:Decrypt'],
  encrypt: ['kms:GenerateDataKey'],
} as const;

export function grantObjects(grantee: IGrantable, { bucket, prefix, write = false }: ObjectGrantOptions): Grant {
  const { read, list, locate, decrypt, encrypt } = OBJECT_ACTIONS;
  const grant = (actions: string[], resourceArn: string, conditions?: Record<string, Record<string, unknown>>) =>
    Grant.addToPrincipalOrResource({
      grantee,
      actions,
      resourceArns: [resourceArn],
      resource: bucket,
      ...(conditions === undefined ? {} : { conditions }),
    });
  const grants = [
    grant([...read, ...(write ? OBJECT_ACTIONS.write : [])], bucket.arnForObjects(`${prefix}/*`)),
    grant([...list], bucket.bucketArn, { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } }),
    grant([...locate], bucket.bucketArn),
  ];
  const { encryptionKey } = bucket;
  if (encryptionKey !== undefined) grants.push(encryptionKey.grant(grantee, ...decrypt, ...(write ? encrypt : [])));
  return grants.reduce((all, one) => all.combine(one));
}
