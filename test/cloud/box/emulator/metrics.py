"""CloudWatch: metric filters on space-delimited records, embedded metrics of functions, and alarms that follow the clock.

As shipped a metric filter never counts, an embedded metric is only a line, and an alarm ignores dimensions, M of N and missing data.
Metric math and anomaly bands are kept and not evaluated: nothing here can.
"""
import json, os, re, threading, time

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudwatch, cloudwatch_logs
from ministack.services.cloudformation import provisioners

COMPARISONS = {
    'GreaterThanOrEqualToThreshold': lambda value, threshold: value >= threshold,
    'GreaterThanThreshold': lambda value, threshold: value > threshold,
    'LessThanThreshold': lambda value, threshold: value < threshold,
    'LessThanOrEqualToThreshold': lambda value, threshold: value <= threshold,
}


def matcher(pattern):
    """`[a, b="REJECT", …]` names every word of a record; any other pattern is left to the emulator."""
    pattern = (pattern or '').strip()
    if not pattern.startswith('['):
        known = cloudwatch_logs._compile_filter_pattern(pattern)
        return lambda message: {} if known(message) else None
    # Each field with the values that it may have; of none, any.
    fields = [(re.match(r'\w+', part.strip())[0], re.findall(r'=\s*"?([^"\s|]+)"?', part)) for part in pattern[1:-1].split(',')]

    def match(message):
        words = message.split()
        if len(words) != len(fields) or any(values and word not in values for (_, values), word in zip(fields, words)):
            return None
        return {name: word for (name, _), word in zip(fields, words)}

    return match


def datum(namespace, name, value, at, dimensions, unit='None'):
    bucket = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
    bucket.append({'Timestamp': at, 'Value': float(value), 'Unit': unit, 'Dimensions': dict(dimensions)})


def count_filters(group, events):
    for (of, _), metric_filter in list(cloudwatch_logs._metric_filters.items()):
        if of != group:
            continue
        match = matcher(metric_filter['filterPattern'])
        for event in events:
            found, at = match(event['message']), event.get('timestamp', time.time() * 1000) / 1000
            for t in metric_filter['metricTransformations']:
                if found is None:
                    if t.get('defaultValue') is not None:
                        datum(t['metricNamespace'], t['metricName'], t['defaultValue'], at, {})
                    continue
                value = t['metricValue']
                value = found.get(value[1:]) if value.startswith('$') else value
                try:
                    datum(t['metricNamespace'], t['metricName'], value, at, {}, t.get('unit', 'None'))
                except (TypeError, ValueError):
                    pass


def count_embedded(events):
    for event in events:
        if '"CloudWatchMetrics"' not in event['message']:
            continue
        text = event['message']
        try:
            data = json.loads(text[text.index('{'):])
        except ValueError:
            continue
        for directive in data.get('_aws', {}).get('CloudWatchMetrics', []):
            for names in directive.get('Dimensions') or [[]]:
                for metric in directive['Metrics']:
                    values = data.get(metric['Name'])
                    for value in values if isinstance(values, list) else [values]:
                        if value is not None:
                            dimensions = {name: str(data[name]) for name in names if name in data}
                            datum(directive['Namespace'], metric['Name'], value, data['_aws']['Timestamp'] / 1000, dimensions, metric.get('Unit', 'None'))


def evaluate(alarm):
    """M of N periods aligned to the clock (the running one counts), per dimension set, missing data as configured."""
    namespace, name = alarm.get('Namespace'), alarm.get('MetricName')
    compare = COMPARISONS.get(alarm.get('ComparisonOperator'))
    if not name or not compare:
        return
    wanted = cloudwatch._dims_key({d['Name']: d['Value'] for d in alarm.get('Dimensions') or []})
    points = next((v for key, v in list(cloudwatch._metrics.items()) if key == (namespace, name, wanted)), [])
    period, periods = int(alarm.get('Period', 60)), int(alarm.get('EvaluationPeriods', 1))
    needed, end = int(alarm.get('DatapointsToAlarm') or periods), time.time() // period * period + period
    statistic = alarm.get('ExtendedStatistic') or alarm.get('Statistic', 'Average')
    threshold = float(alarm.get('Threshold') or 0)
    seen = []
    for i in range(periods):
        within = [p for p in points if end - (i + 1) * period <= p['Timestamp'] < end - i * period]
        seen.append(compare(cloudwatch._stat_value(cloudwatch._calc_stats(within), statistic, within), threshold) if within else None)
    missing = alarm.get('TreatMissingData', 'missing')
    if all(x is None for x in seen):
        new = {'missing': 'INSUFFICIENT_DATA', 'ignore': alarm['StateValue'], 'breaching': 'ALARM', 'notBreaching': 'OK'}[missing]
    else:
        new = 'ALARM' if sum(x is True or (x is None and missing == 'breaching') for x in seen) >= needed else 'OK'
    old = alarm['StateValue']
    if new != old:
        why = f'Threshold Crossed: {seen.count(True)} of the last {periods} datapoints breached {threshold} ({needed} needed)'
        alarm.update(StateValue=new, StateReason=why, StateUpdatedTimestamp=int(time.time()))
        cloudwatch._record_history(alarm['AlarmName'], old, new, why)
        cloudwatch._dispatch_alarm_actions(alarm, old, new, why)
        cloudwatch._evaluate_parent_alarms(alarm)


def follow_the_clock():
    while True:
        time.sleep(float(os.environ.get('ALARM_SECONDS', '3')))
        for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
            set_request_account_id(account)
            set_request_region(region)
            try:
                evaluate(alarm)
            except Exception as error:
                print('alarm', alarm.get('AlarmName'), repr(error), flush=True)


def install():
    original = cloudwatch_logs._fanout_to_subscription_filters

    def fan_out(group, stream, events):
        original(group, stream, events)
        count_filters(group, events)
        count_embedded(events)

    cloudwatch_logs._fanout_to_subscription_filters = fan_out
    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=follow_the_clock, daemon=True).start()

    record = provisioners._cw_metric_alarm_record

    def alarm_record(name, properties):
        if properties.get('Metrics'):
            properties = {
                **properties, 'Metrics': None, 'Threshold': properties.get('Threshold', 0), 'MetricName': 'not-evaluated',
                'Namespace': 'metric-math', 'Statistic': 'Sum', 'Period': 60,
            }
        return record(name, properties)

    provisioners._cw_metric_alarm_record = alarm_record
