import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A combination that cannot be deployed: property, got, expected, how to fix it. Fails `cdk synth`. */
export class FlowLogConfigurationError extends Error {
  /** `FlowLogConfigurationError` */
  override name = 'FlowLogConfigurationError';
}

/** @throws FlowLogConfigurationError naming the construct and every problem */
export function assertNoProblems(construct: Construct, problems: readonly string[]): void {
  if (problems.length > 0) throw new FlowLogConfigurationError(`${construct.node.path}: ${problems.join(`\n${construct.node.path}: `)}`);
}

/** Doubtful but legal; `Validations.of(construct).acknowledge({ id, reason })` silences it. */
export const warn = (construct: Construct, id: string, message: string): void =>
  Validations.of(construct).addWarning(`flow-log-analytics:${id}`, message);
