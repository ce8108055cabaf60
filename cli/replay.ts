import type { Command } from 'commander';
import { OUTPUTS } from '../lib/finding/names';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { outputsOf } from './remote';
import { notice, print } from './say';

interface ReplayOptions {
  stack: string;
  dryRun?: boolean;
  quiet?: boolean;
}

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('run again what failed in a deployed stack: the inputs in its dead-letter queue, each for its own time')
    .requiredOption('--stack <name>', 'the CloudFormation stack')
    .option('--dry-run', 'list the inputs and leave them where they are')
    .option('-q, --quiet', 'print no notices')
    .addHelpText(
      'after',
      `
A run that is repeated looks at the window of its scheduled time and tells only what was not told before. An input leaves the
queue once its run has succeeded.

Examples:
  flowlogs replay --stack FlowLogAnalytics --dry-run
  flowlogs replay --stack FlowLogAnalytics`,
    )
    .action(replay);
}

interface Waiting {
  readonly receipt: string;
  readonly input: unknown;
  readonly reason: string;
}

/** An on-failure destination wraps the input, a dead-letter queue does not. */
function inputOf(body: string): unknown {
  const parsed = JSON.parse(body) as { requestPayload?: unknown };
  return parsed.requestPayload ?? parsed;
}

const label = (input: unknown): string => {
  const { schedule, scheduledTime } = (input ?? {}) as { schedule?: unknown; scheduledTime?: unknown };
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  return `${text(schedule, 'unknown')} of ${text(scheduledTime, 'no time')}`;
};

/** Seconds that a message stays hidden: longer than a run may take. */
const HIDDEN_SECONDS = 16 * 60;

async function replay(options: ReplayOptions): Promise<void> {
  const outputs = await outputsOf(options.stack);
  const [queue, name] = [outputs.get(OUTPUTS.deadLetters), outputs.get(OUTPUTS.runFunction)];
  if (queue === undefined || name === undefined)
    throw new UsageError(`stack ${options.stack} has no output ${OUTPUTS.deadLetters}: expected a stack of this project that watches`);
  const { DeleteMessageCommand, ReceiveMessageCommand, ChangeMessageVisibilityCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const sqs = new SQSClient({ maxAttempts: 5 });
  // A run takes as long as its query: no second try while the first still goes on.
  const lambda = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: HIDDEN_SECONDS * 1000 } });

  const waiting: Waiting[] = [];
  for (;;) {
    interruption().throwIfAborted();
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) break;
    for (const { ReceiptHandle = '', Body = '{}', MessageAttributes } of Messages)
      waiting.push({ receipt: ReceiptHandle, input: inputOf(Body), reason: MessageAttributes?.['ErrorMessage']?.StringValue ?? '' });
  }
  const giveBack = ({ receipt }: Waiting) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle: receipt, VisibilityTimeout: 0 }));
  let failed = 0;
  for (const message of waiting) {
    if (options.dryRun === true) {
      print(`${label(message.input)}${message.reason === '' ? '' : `: ${message.reason}`}\n`);
      await giveBack(message);
      continue;
    }
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(message.input) }));
    const answer = Payload === undefined ? '' : Buffer.from(Payload).toString();
    // A function that gave up for good answers nothing, and has put its input back into the queue.
    if (FunctionError !== undefined || answer === '' || answer === 'null') {
      failed++;
      print(`failed   ${label(message.input)}: ${FunctionError === undefined ? 'see the log of the function' : answer}\n`);
      if (FunctionError === undefined) await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message.receipt }));
      else await giveBack(message);
      continue;
    }
    const { rows, told } = JSON.parse(answer) as { rows: number; told: string[] };
    print(`ran      ${label(message.input)}: ${rows} rows, ${told.length} told\n`);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message.receipt }));
  }
  notice(
    waiting.length === 0 ? 'No failed runs.' : `${waiting.length} inputs${failed > 0 ? `, ${failed} failed again` : ''}.`,
    options.quiet,
  );
  if (failed > 0) process.exitCode = 1;
}
