"""Athena runs its SQL on Trino, the engine it is built on, and keeps what a workgroup enforces.

As shipped the emulator runs SQL on DuckDB, invents the bytes scanned, and ignores parameters, prepared statements, client tokens,
scan limits, enforced settings and StopQueryExecution.
"""
import asyncio, csv, io, json, os, re, time, urllib.request

from ministack.core.responses import error_response_json, json_response
from ministack.services import athena, s3

TRINO = os.environ.get('TRINO_URL', '')
MANAGED = 's3://managed-results/'
DDL = re.compile(r'\s*(create|drop|alter|msck|show|describe)\b', re.I)
CTAS = re.compile(r'\s*create\s+table\s.*\sas\s', re.I | re.S)
EXECUTE = re.compile(r'\s*execute\s+(\w+)(?:\s+using\s+(.*?))?\s*;?\s*$', re.I | re.S)

tokens = {}


class QueryFailed(Exception):
    def __init__(self, message, user):
        super().__init__(message)
        self.user = user


def install():
    original_start = athena._start_query_execution
    original_type = athena._detect_statement_type

    def statement_type(query):
        if re.match(r'\s*execute\b', query, re.I):
            return 'DML'
        return 'DDL' if DDL.match(query) and not CTAS.match(query) else original_type(query)

    athena._detect_statement_type = statement_type
    athena._start_query_execution = lambda data: start(original_start, data)
    athena._execute_query = execute
    athena.ATHENA_ENGINE = 'duckdb'


def start(original, data):
    workgroup = athena._workgroups.get(data.get('WorkGroup', 'primary'))
    if not workgroup:
        return error_response_json('InvalidRequestException', f"WorkGroup {data.get('WorkGroup')} is not found.", 400)
    if workgroup.get('State') == 'DISABLED':
        return error_response_json('InvalidRequestException', 'WorkGroup is disabled.', 400)
    configuration = workgroup.get('Configuration', {})
    if configuration.get('ManagedQueryResultsConfiguration', {}).get('Enabled'):
        data = {**data, 'ResultConfiguration': {'OutputLocation': MANAGED}}
    elif configuration.get('EnforceWorkGroupConfiguration', True) and configuration.get('ResultConfiguration', {}).get('OutputLocation'):
        data = {**data, 'ResultConfiguration': {}}
    token = data.get('ClientRequestToken')
    what = json.dumps([data.get(key) for key in ('QueryString', 'ExecutionParameters', 'WorkGroup', 'QueryExecutionContext')])
    if token in tokens:
        query_id, earlier = tokens[token]
        if earlier != what:
            return error_response_json('InvalidRequestException', 'Idempotent parameters do not match', 400)
        return json_response({'QueryExecutionId': query_id})
    answer = original(data)
    if answer[0] < 300:
        query_id = json.loads(answer[2])['QueryExecutionId']
        if data.get('ExecutionParameters'):
            athena._executions[query_id]['ExecutionParameters'] = data['ExecutionParameters']
        if token:
            tokens[token] = (query_id, what)
    return answer


def http(method, url, body=None, headers={}):
    with urllib.request.urlopen(urllib.request.Request(url, data=body, method=method, headers=headers), timeout=120) as answer:
        raw = answer.read()
        return json.loads(raw) if raw else {}


def trino_text(sql, parameters, workgroup):
    """Positional parameters become EXECUTE IMMEDIATE … USING; Athena's EXECUTE looks up the workgroup's prepared statement."""
    named = EXECUTE.match(sql)
    if named and named[1].lower() != 'immediate':
        prepared = athena._prepared_statements.get(f'{workgroup}/{named[1]}')
        if not prepared:
            raise QueryFailed(f'INVALID_INPUT: prepared statement {named[1]} not found', True)
        sql, using = prepared['QueryStatement'], named[2] or ', '.join(parameters)
    else:
        sql, using = sql.strip().rstrip(';'), ', '.join(parameters)
    return f"EXECUTE IMMEDIATE '{sql.replace(chr(39), chr(39) * 2)}' USING {using}" if using else sql


def value_text(value, signature):
    """Athena's text of a nested value: [1, 2], {k=v}, {field=value}."""
    if value is None:
        return 'null'
    kind, arguments = signature['rawType'], [a['value'] for a in signature.get('arguments', [])]
    if kind == 'array':
        return '[' + ', '.join(value_text(item, arguments[0]) for item in value) + ']'
    if kind == 'map':
        return '{' + ', '.join(f'{key}={value_text(item, arguments[1])}' for key, item in value.items()) + '}'
    return athena._datum_text(value)


def run(execution, sql, database, catalog, cutoff):
    headers = {
        'X-Trino-User': 'athena', 'X-Trino-Source': 'athena', 'X-Trino-Time-Zone': 'UTC',
        'X-Trino-Catalog': (catalog or 'awsdatacatalog').lower(), 'X-Trino-Schema': (database or 'default').lower(),
    }
    rows, columns = [], None
    page = http('POST', TRINO + '/v1/statement', sql.encode(), headers)
    while True:
        rows += page.get('data') or []
        columns = columns or page.get('columns')
        stats = page.get('stats', {})
        scanned = stats.get('physicalInputBytes', 0)
        execution['Statistics']['DataScannedInBytes'] = scanned
        if 'error' in page:
            error = page['error']
            raise QueryFailed(f"{error['errorName']}: {error['message']}", error['errorType'] == 'USER_ERROR')
        following = page.get('nextUri')
        if not following:
            break
        if (cutoff and scanned > cutoff) or execution['Status']['State'] == 'CANCELLED':
            http('DELETE', following)
            if execution['Status']['State'] != 'CANCELLED':
                execution['Status'].update(State='CANCELLED', StateChangeReason='Bytes scanned limit was exceeded')
            return None
        page = http('GET', following)
    elapsed = stats.get('elapsedTimeMillis', 0)
    execution['Statistics'].update(EngineExecutionTimeInMillis=elapsed, TotalExecutionTimeInMillis=elapsed, QueryQueueTimeInMillis=stats.get('queuedTimeMillis', 0))
    # A query may end within one page: the limit holds all the same.
    if cutoff and scanned > cutoff:
        execution['Status'].update(State='CANCELLED', StateChangeReason='Bytes scanned limit was exceeded')
        return None
    columns = columns or []
    return {
        'columns': [c['name'] for c in columns],
        'column_types': [re.sub(r'\(\d.*?\)', '', c['type']) for c in columns],
        'rows': [[value_text(v, c['typeSignature']) if isinstance(v, (list, dict)) else v for v, c in zip(row, columns)] for row in rows],
    }


def write_csv(execution, result):
    location = execution['ResultConfiguration']['OutputLocation']
    if location.startswith(MANAGED):
        return
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator='\n').writerow(result['columns'])
    for row in result['rows']:
        out.write(','.join('' if v is None else '"' + athena._datum_text(v).replace('"', '""') + '"' for v in row) + '\n')
    bucket, _, key = location[5:].partition('/')
    answer = s3._put_object(bucket, key, out.getvalue().encode(), {'content-type': 'text/csv'})
    if answer[0] >= 300:
        raise QueryFailed(f'An error occurred while writing to S3: {answer[2]!r}', False)


async def execute(query_id, query, database, ddl, catalog=None):
    execution = athena._executions.get(query_id)
    configuration = athena._workgroups.get(execution['WorkGroup'], {}).get('Configuration', {})
    execution['Status']['State'] = 'RUNNING'
    try:
        if ddl is not None:
            result = athena._run_ddl(ddl, database)
        else:
            text = trino_text(query, execution.get('ExecutionParameters') or [], execution['WorkGroup'])
            result = await asyncio.to_thread(run, execution, text, database, catalog, configuration.get('BytesScannedCutoffPerQuery'))
        if result is not None and execution['Status']['State'] != 'CANCELLED':
            execution['_results'] = {'columns': result['columns'], 'rows': result['rows']}
            execution['_column_types'] = result['column_types']
            write_csv(execution, result)
            execution['Status']['State'] = 'SUCCEEDED'
    except Exception as error:
        if execution['Status']['State'] != 'CANCELLED':
            user = getattr(error, 'user', False)
            reason = (str(error) if isinstance(error, QueryFailed) else f'GENERIC_INTERNAL_ERROR: {error}')[:2000]
            execution['Status'].update(
                State='FAILED',
                StateChangeReason=reason,
                AthenaError={'ErrorCategory': 2 if user else 1, 'ErrorType': 1 if user else 233, 'Retryable': not user, 'ErrorMessage': reason},
            )
    execution['Status']['CompletionDateTime'] = time.time()
