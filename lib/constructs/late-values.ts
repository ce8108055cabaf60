import { Token } from 'aws-cdk-lib';
import { lateReference } from '../../lambda/shared/late';

/** Takes out of a value what is known only at deployment: the rest is the text of a file, {@link LateValues.tokens} go into the environment. */
export interface LateValues {
  readonly text: string;
  readonly tokens: readonly string[];
}

export function withoutLateValues(value: unknown): LateValues {
  const tokens: string[] = [];
  const text = JSON.stringify(value, (_, one: unknown) => {
    if (typeof one !== 'string' || !Token.isUnresolved(one)) return one;
    if (!tokens.includes(one)) tokens.push(one);
    return lateReference(tokens.indexOf(one));
  });
  return { text, tokens };
}
