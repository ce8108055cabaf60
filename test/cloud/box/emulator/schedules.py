"""EventBridge Scheduler: context attributes, asynchronous invocation with the function's retries and its dead-letter queue, the schedule's own queue.

As shipped `<aws.scheduler.scheduled-time>` reaches the target as it stands, a failing function is called once, and nothing is buried.
"""
import contextvars, json, re, threading, time

from ministack.services import eventbridge, lambda_svc, sqs


# A test that deploys many stacks has none of their schedules fire.
PAUSED = threading.Event()


def to_lambda(arn, payload):
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        raise LookupError(f'ResourceNotFoundException: Function not found: {arn}')
    try:
        event = json.loads(payload)
    except ValueError:
        event = {'body': payload}
    context = contextvars.copy_context()
    record = lambda_svc._execution_record_for_config(function, config)
    threading.Thread(target=lambda: context.run(lambda_svc.invoke_async_with_retry, record, event), daemon=True).start()


def install():
    original = eventbridge._invoke_target

    def invoke(target, event, rule, view=None):
        if event.get('Source') != 'aws.scheduler':
            return original(target, event, rule, view)
        if PAUSED.is_set():
            return None
        at = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(event['Time'] // 60 * 60))
        values = {
            'scheduled-time': at, 'execution-id': event['EventId'], 'schedule-arn': (event.get('Resources') or [''])[0], 'attempt-number': '1',
        }
        default = {
            'version': '0', 'id': event['EventId'], 'detail-type': 'Scheduled Event', 'source': 'aws.scheduler', 'time': at,
            'resources': event.get('Resources'), 'detail': '{}',
        }
        text = re.sub(r'<aws\.scheduler\.([a-z-]+)>', lambda m: values.get(m[1], m[0]), target.get('Input') or json.dumps(default))
        arn, why = target['Arn'], None
        if ':lambda:' in arn:
            try:
                return to_lambda(arn, text)
            except LookupError as error:
                why = str(error)
        elif ':sqs:' in arn and not sqs._queue_by_arn(arn):
            why = 'AWS.SimpleQueueService.NonExistentQueue'
        if why is None:
            return original({**target, 'Input': text}, event, rule, view)
        buried = (target.get('DeadLetterConfig') or {}).get('Arn')
        if buried:
            original({'Arn': buried, 'Input': text}, event, rule)
        print(f'scheduler: {rule.get("Name")} not delivered: {why}', flush=True)

    eventbridge._dispatch_to_lambda = to_lambda
    eventbridge._invoke_target = invoke
