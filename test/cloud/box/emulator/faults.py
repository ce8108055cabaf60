"""Control over HTTP, for tests: /_box/faults makes calls fail, /_box/calls lists the calls made, /_box/resources what templates asked for (DELETE forgets it),
POST and DELETE /_box/pause stop and start schedules.

POST /_box/faults [{"match": "athena:StartQueryExecution", "code": "ThrottlingException", "status": 400, "times": 2, "delay": 0}]; DELETE clears.
"""
import asyncio, json, re

from .cloudformation_types import RECEIVED
from .schedules import PAUSED

CREDENTIAL = re.compile(r'Credential=[^/]+/\d+/[^/]+/([^/]+)/')


def operation(scope):
    headers = {key.decode().lower(): value.decode('latin-1') for key, value in scope['headers']}
    service = CREDENTIAL.search(headers.get('authorization', ''))
    target = headers.get('x-amz-target', '')
    action = target.split('.')[-1] if target else f"{scope['method']} {scope['path']}"
    return service[1] if service else '?', action, bool(target)


class Faults:
    def __init__(self, app):
        self.app, self.faults, self.calls = app, [], []

    async def __call__(self, scope, receive, send):
        if scope['type'] != 'http':
            return await self.app(scope, receive, send)
        if scope['path'].startswith('/_box/'):
            return await self.control(scope, receive, send)
        service, action, is_json = operation(scope)
        name = f'{service}:{action}'
        self.calls.append(name)
        for fault in self.faults:
            if fault.get('times', 1) <= 0 or not re.search(fault['match'], name):
                continue
            fault['times'] = fault.get('times', 1) - 1
            await asyncio.sleep(fault.get('delay', 0))
            if fault.get('status'):
                return await self.fail(send, fault, service, is_json)
            break
        await self.app(scope, receive, send)

    async def control(self, scope, receive, send):
        body = b''
        while True:
            message = await receive()
            body += message.get('body', b'')
            if not message.get('more_body'):
                break
        if scope['path'] == '/_box/faults':
            if scope['method'] == 'DELETE':
                self.faults.clear()
                self.calls.clear()
            elif body:
                self.faults.extend(json.loads(body))
            answer = self.faults
        elif scope['path'] == '/_box/pause':
            (PAUSED.clear if scope['method'] == 'DELETE' else PAUSED.set)()
            answer = PAUSED.is_set()
        elif scope['path'] == '/_box/calls':
            answer = self.calls
        else:
            if scope['method'] == 'DELETE':
                RECEIVED.clear()
            answer = [{'type': kind, 'id': physical_id, 'properties': properties} for (kind, physical_id), properties in RECEIVED.items()]
        await self.answer(send, 200, json.dumps(answer).encode(), 'application/json')

    async def fail(self, send, fault, service, is_json):
        code, message = fault.get('code', 'ServiceUnavailable'), fault.get('message', 'Rate exceeded')
        if is_json or service in ('lambda', 'scheduler'):
            body, kind = json.dumps({'__type': code, 'message': message}).encode(), 'application/x-amz-json-1.1'
        elif service == 's3':
            body, kind = f'<Error><Code>{code}</Code><Message>{message}</Message></Error>'.encode(), 'application/xml'
        else:
            body = f'<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>'.encode()
            kind = 'application/xml'
        await self.answer(send, fault['status'], body, kind, code)

    async def answer(self, send, status, body, kind, code=None):
        headers = [(b'content-type', kind.encode()), (b'content-length', str(len(body)).encode())]
        if code:
            headers.append((b'x-amzn-errortype', code.encode()))
        await send({'type': 'http.response.start', 'status': status, 'headers': headers})
        await send({'type': 'http.response.body', 'body': body})
