/** Handling of CloudFormation's requests for every custom resource: it always responds. No SDK. */
import * as z from 'zod';
import type { Log } from './log';

const common = { RequestId: z.string().min(1), ResponseURL: z.url(), StackId: z.string(), LogicalResourceId: z.string() };

/** Events of a resource with these properties. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export const eventsWith = <T extends z.ZodType>(properties: T) =>
  z.discriminatedUnion('RequestType', [
    z.object({ ...common, RequestType: z.literal('Create'), ResourceProperties: properties }),
    z.object({
      ...common,
      RequestType: z.literal('Update'),
      PhysicalResourceId: z.string(),
      ResourceProperties: properties,
      OldResourceProperties: properties,
    }),
    z.object({ ...common, RequestType: z.literal('Delete'), PhysicalResourceId: z.string() }),
  ]);

/** Properties of every request that are enough to respond to it, even if the rest is invalid. */
const envelopeSchema = z.object({ ...common, PhysicalResourceId: z.string().optional() });
type Envelope = z.output<typeof envelopeSchema>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

export interface AnswerDependencies {
  readonly answer: (url: string, answer: Answer & Pick<Envelope, 'RequestId' | 'StackId' | 'LogicalResourceId'>) => Promise<void>;
  readonly log: Pick<Log, 'info' | 'error'>;
}

/** Id of what was not made: deleting it is deleting nothing. */
export const NOTHING = 'none';

/** Answers with the id that the work gives, or with the reason why it failed. */
export async function answered(
  deps: AnswerDependencies,
  { event, leftMs }: { event: unknown; leftMs: number },
  work: () => Promise<string>,
): Promise<void> {
  const { RequestId, StackId, LogicalResourceId, ResponseURL, PhysicalResourceId } = envelopeSchema.parse(event);
  let answer: Answer;
  try {
    const id = await within(leftMs - ANSWER_MS, work());
    answer = { Status: 'SUCCESS', PhysicalResourceId: id };
    deps.log.info('custom resource', { RequestId, id });
  } catch (error) {
    const Reason = (error as Error).message.slice(0, MAX_REASON);
    deps.log.error('custom resource failed', { RequestId, Reason });
    answer = { Status: 'FAILED', PhysicalResourceId: PhysicalResourceId ?? NOTHING, Reason };
  }
  await deps.answer(ResponseURL, { ...answer, RequestId, StackId, LogicalResourceId });
}

/** An answer that CloudFormation takes has 4,096 bytes. */
const MAX_REASON = 2000;
/** Kept back for the answer: without one CloudFormation waits for an hour. */
const ANSWER_MS = 5000;

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`AWS did not answer within ${Math.round(ms / 1000)} s`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const ATTEMPTS = 3;

/** Puts an answer where CloudFormation waits for it. */
export const putAnswer: AnswerDependencies['answer'] = async (url, answer) => {
  for (let attempt = 1; ; attempt++) {
    try {
      const { ok, status } = await fetch(url, { method: 'PUT', body: JSON.stringify(answer), headers: { 'content-type': '' } });
      if (ok) return;
      throw new Error(`CloudFormation did not accept the response: HTTP ${status}`);
    } catch (error) {
      // A repeated request gets the same answer.
      if (attempt === ATTEMPTS) throw error;
    }
  }
};
