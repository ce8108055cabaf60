/** Domain of the management console by partition: links of one partition lead nowhere in another. */
export const CONSOLE_DOMAINS = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
} as const;

const PREFIXES = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
] as const;

/** `https://…` of the console in a Region, without a slash at its end. */
export function consoleOrigin(region: string): string {
  const partition = PREFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
  return `https://${region}.${CONSOLE_DOMAINS[partition]}`;
}
