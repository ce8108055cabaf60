/**
 * Flow logs of Cloud WAN, which EC2 makes and CloudFormation's own type does not know: a custom resource over CreateFlowLogs. AWS cannot
 * change a flow log, so a change makes another one, and CloudFormation then asks to delete the first. No SDK.
 */
import { type Envelope, envelopeSchema, eventSchema, type Properties, type Tag } from './input';

export type FlowLogSettings = Omit<Properties, 'Tags'>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

export interface Dependencies {
  /** Id of the flow log; the same for the same token. @throws what EC2 refused */
  readonly create: (settings: FlowLogSettings, tags: readonly Tag[], token: string) => Promise<string>;
  /** One that is gone already is no error. */
  readonly remove: (id: string) => Promise<void>;
  readonly retag: (id: string, change: { add: readonly Tag[]; remove: readonly string[] }) => Promise<void>;
  readonly answer: (url: string, answer: Answer & Pick<Envelope, 'RequestId' | 'StackId' | 'LogicalResourceId'>) => Promise<void>;
  readonly log: { info(message: string, facts: object): void; error(message: string, facts: object): void };
}

/** What there is before a flow log is: deleting it is deleting nothing. */
const NOTHING = 'none';

export function createHandler(deps: Dependencies): (event: unknown, leftMs: number) => Promise<void> {
  return async (event, leftMs) => {
    const envelope = envelopeSchema.parse(event);
    const { RequestId, StackId, LogicalResourceId, ResponseURL } = envelope;
    let answer: Answer;
    try {
      const id = await within(leftMs - ANSWER_MS, handle(deps, event));
      answer = { Status: 'SUCCESS', PhysicalResourceId: id };
      deps.log.info('flow log', { RequestId, id });
    } catch (error) {
      const Reason = (error as Error).message.slice(0, MAX_REASON);
      deps.log.error('flow log failed', { RequestId, Reason });
      answer = { Status: 'FAILED', PhysicalResourceId: envelope.PhysicalResourceId ?? NOTHING, Reason };
    }
    await deps.answer(ResponseURL, { ...answer, RequestId, StackId, LogicalResourceId });
  };
}

/** An answer that CloudFormation takes has 4,096 bytes. */
const MAX_REASON = 2000;
/** Kept back for the answer: without one CloudFormation waits for an hour. */
const ANSWER_MS = 5000;

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`EC2 did not answer within ${Math.round(ms / 1000)} s`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

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
