"""Logs Insights: StartQuery runs on the project's own implementation of the language (`flowlogs insights`).

As shipped the emulator ignores every command it does not know and answers Complete.
"""
import json, os, subprocess, tempfile, time
from concurrent.futures import ThreadPoolExecutor

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import cloudwatch_logs as logs

CLI = os.environ.get('FLOWLOGS_CLI', '')
pool = ThreadPoolExecutor(2)


def events_of(groups, start, end):
    """[start, end] in Unix seconds, inclusive at both ends as StartQuery documents it."""
    found = []
    for group in groups:
        for stream in logs._log_groups[group]['streams'].values():
            found += [e for e in stream['events'] if start * 1000 <= e['timestamp'] < (end + 1) * 1000]
    return found


def run(query, groups, text, start, end, limit):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'events.json')
        events = events_of(groups, start, end)
        with open(path, 'w') as out:
            json.dump({'events': [{'timestamp': e['timestamp'], 'message': e['message']} for e in events]}, out)
        command = ['node', CLI, 'insights', text, path, '-f', 'json', '--limit', str(limit), '--no-cache', '--quiet']
        done = subprocess.run(command, capture_output=True, text=True)
        query['statistics'] = {
            'recordsMatched': 0.0, 'recordsScanned': float(len(events)), 'bytesScanned': float(sum(len(e['message']) for e in events)),
        }
        if query['status'] == 'Cancelled':
            return
        if done.returncode == 0:
            rows = json.loads(done.stdout)
            query['results'] = [[{'field': k, 'value': printed(v)} for k, v in row.items() if v is not None] for row in rows]
            query['status'] = 'Complete'
        else:
            query['status'] = 'Failed'
            print('insights:', done.stderr, flush=True)


def printed(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def install():
    def start_query(data):
        groups = logs._resolve_query_log_groups(data)
        if not groups:
            return error_response_json('InvalidParameterException', 'a log group is required', 400)
        for name in groups:
            if name not in logs._log_groups:
                return error_response_json('ResourceNotFoundException', f'The specified log group does not exist: {name}', 400)
        query_id = new_uuid()
        query = logs._queries[query_id] = {
            'queryId': query_id, 'status': 'Running', 'results': [], 'queryString': data['queryString'], 'logGroupName': groups[0],
            'createTime': int(time.time() * 1000), 'statistics': {'recordsMatched': 0.0, 'recordsScanned': 0.0, 'bytesScanned': 0.0},
        }
        pool.submit(run, query, groups, data['queryString'], data['startTime'], data['endTime'], data.get('limit', 10000))
        return json_response({'queryId': query_id})

    logs._start_query = start_query
