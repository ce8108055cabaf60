/**
 * Flow logs of Cloud WAN, which EC2 makes and CloudFormation's own type does not know: a custom resource over CreateFlowLogs. AWS cannot
 * change a flow log, so a change creates another one, and CloudFormation then requests the deletion of the first. No SDK.
 */
import { type AnswerDependencies, answered, NOTHING } from '../shared/custom-resource';
import { eventSchema, type Properties, type Tag } from './input';

export type FlowLogSettings = Omit<Properties, 'Tags'>;

export interface Dependencies extends AnswerDependencies {
  /** Id of the flow log; the same for the same token. @throws what EC2 refused */
  readonly create: (settings: FlowLogSettings, tags: readonly Tag[], token: string) => Promise<string>;
  /** One that is gone already is no error. */
  readonly remove: (id: string) => Promise<void>;
  readonly retag: (id: string, change: { add: readonly Tag[]; remove: readonly string[] }) => Promise<void>;
}

export const createHandler =
  (deps: Dependencies) =>
  (event: unknown, leftMs: number): Promise<void> =>
    answered(deps, { event, leftMs }, () => handle(deps, event));

async function handle({ create, remove, retag }: Dependencies, event: unknown): Promise<string> {
  const input = eventSchema.parse(event);
  if (input.RequestType === 'Delete') {
    if (input.PhysicalResourceId !== NOTHING) await remove(input.PhysicalResourceId);
    return input.PhysicalResourceId;
  }
  const { Tags: tags, ...settings } = input.ResourceProperties;
  if (input.RequestType === 'Create') return create(settings, tags, input.RequestId);
  const { Tags: oldTags, ...before } = input.OldResourceProperties;
  if (JSON.stringify(before) !== JSON.stringify(settings)) return create(settings, tags, input.RequestId);
  const kept = new Set(tags.map(({ Key }) => Key));
  await retag(input.PhysicalResourceId, { add: tags, remove: oldTags.map(({ Key }) => Key).filter((key) => !kept.has(key)) });
  return input.PhysicalResourceId;
}
