import { Aws, CfnMapping, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CONSOLE_DOMAINS, consoleOrigin } from '../finding/console';

const MAPPING = 'ConsoleDomains';

/** `https://…` of the console where the stack is deployed, also where its Region is known only then. */
export function consoleOf(scope: Construct): string {
  const stack = Stack.of(scope);
  if (!Token.isUnresolved(stack.region)) return consoleOrigin(stack.region);
  const known = stack.node.tryFindChild(MAPPING);
  const mapping =
    known instanceof CfnMapping
      ? known
      : new CfnMapping(stack, MAPPING, {
          mapping: Object.fromEntries(Object.entries(CONSOLE_DOMAINS).map(([partition, domain]) => [partition, { Domain: domain }])),
        });
  return `https://${stack.region}.${mapping.findInMap(Aws.PARTITION, 'Domain')}`;
}
