"""With AUTH=true: a call that names an execution is authorised on that execution's workgroup, as the service does it."""
import re

from ministack.core import iam_actions
from ministack.services import athena


def install():
    original = iam_actions.extract_resource_arn

    def resource(service, method, path, *args, **kwargs):
        arn = original(service, method, path, *args, **kwargs)
        if service == 'athena' and arn == '*':
            body = next((x for x in (*args, *kwargs.values()) if isinstance(x, (bytes, bytearray))), b'').decode('utf-8', 'replace')
            named = re.search(r'"QueryExecutionId"\s*:\s*"([^"]+)"', body)
            execution = named and athena._executions.get(named[1])
            if execution:
                return athena._arn_workgroup(execution['WorkGroup'])
        return arn

    iam_actions.extract_resource_arn = resource
