/** AWS limits for a template, and how resolved templates are measured. */

/** What an intrinsic function becomes is known at deployment only: the longest that is usual, an ARN. */
const LATE_VALUE = 'x'.repeat(100);

const SHORT: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Region': 'ap-southeast-2',
  'AWS::Partition': 'aws-us-gov',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** A resolved value with placeholders of about the length of the deployed values. */
export function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[key, argument] = ['', undefined]] = entries;
  if (entries.length === 1 && key === 'Ref') return SHORT[String(argument)] ?? LATE_VALUE.slice(0, 63);
  if (entries.length === 1 && key === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => String(deployed(part))).join(separator);
  }
  if (entries.length === 1 && key.startsWith('Fn::')) return LATE_VALUE;
  return Object.fromEntries(entries.map(([name, inner]) => [name, deployed(inner)]));
}

/** Bytes of a value as JSON, deployed. */
export const jsonBytes = (resolved: unknown): number => Buffer.byteLength(JSON.stringify(deployed(resolved)));

/** Bytes of a function's environment as Lambda counts it: names and values. */
export const environmentBytes = (resolved: Readonly<Record<string, unknown>>): number =>
  Object.entries(resolved).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(deployed(value))), 0);

export const QUOTAS = {
  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html */
  bucketPolicyBytes: 20_480,
  /** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
  keyPolicyBytes: 32_768,
  /** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  environmentBytes: 4096,
} as const;
