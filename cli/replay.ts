import type { Command } from '@commander-js/extra-typings';
import { humanCount } from '../lib/analysis/human';
import { OUTPUTS } from '../lib/finding/names';
import { AWS } from './aws';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { withOptions } from './option-group';
import { QUIET } from './options';
import { outputsOf } from './remote';
import { notice, print } from './say';

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('run failed runs of a deployed stack again, from its dead-letter queue')
    .requiredOption('--stack <name>', 'CloudFormation stack')
    .option('--dry-run', 'list the failed runs and leave them in the queue')
    .addHelpText(
      'after',
      `
A repeated run reads the window of its scheduled time and reports only what was not reported before. It leaves the queue once
it has succeeded.

Examples:
  flowlogs replay --stack FlowLogAnalytics --dry-run
  flowlogs replay --stack FlowLogAnalytics`,
    );
  withOptions(command, QUIET, AWS).action(replay);
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

async function replay(options: { stack: string; dryRun?: boolean | undefined; quiet?: boolean | undefined }): Promise<void> {
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
    print(`ran      ${label(message.input)}: ${humanCount(rows, 'row')}, ${humanCount(told.length, 'finding')} reported\n`);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message.receipt }));
  }
  notice(
    waiting.length === 0 ? 'No failed runs.' : `${humanCount(waiting.length, 'input')}${failed > 0 ? `, ${failed} failed again` : ''}.`,
    options.quiet,
  );
  if (failed > 0) process.exitCode = 1;
}
