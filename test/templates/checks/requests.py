"""Would the service take what CloudFormation asks of it? Properties against the request models of botocore: members, lengths, ranges, patterns, values.

botocore itself checks types and minima only, so this walks its shapes.
"""
import json

import botocore.session
import regex

from .values import Values

SESSION = botocore.session.get_session()

# Type -> service, operation, properties with another name or form in the request, properties that go elsewhere.
TYPES = {
    'AWS::ApiGateway::RestApi': ('apigateway', 'CreateRestApi', {}, ()),
    'AWS::Athena::NamedQuery': ('athena', 'CreateNamedQuery', {}, ()),
    'AWS::Athena::PreparedStatement': ('athena', 'CreatePreparedStatement', {}, ()),
    'AWS::Athena::WorkGroup': ('athena', 'CreateWorkGroup', {'WorkGroupConfiguration': ('Configuration', None)}, ('RecursiveDeleteOption',)),
    'AWS::CloudWatch::Alarm': ('cloudwatch', 'PutMetricAlarm', {}, ()),
    'AWS::CloudWatch::CompositeAlarm': ('cloudwatch', 'PutCompositeAlarm', {}, ()),
    'AWS::CloudWatch::Dashboard': ('cloudwatch', 'PutDashboard', {}, ()),
    'AWS::CloudWatch::LogAlarm': ('cloudwatch', 'PutLogAlarm', {}, ()),
    'AWS::DynamoDB::Table': ('dynamodb', 'CreateTable', {}, ('TimeToLiveSpecification', 'PointInTimeRecoverySpecification')),
    'AWS::EC2::FlowLog': ('ec2', 'CreateFlowLogs', {'ResourceId': ('ResourceIds', lambda v: [v]), 'Tags': ('TagSpecifications', lambda v: [{'ResourceType': 'vpc-flow-log', 'Tags': v}])}, ()),
    'Custom::CoreNetworkFlowLog': ('ec2', 'CreateFlowLogs', {'ResourceId': ('ResourceIds', lambda v: [v]), 'Tags': ('TagSpecifications', lambda v: [{'ResourceType': 'vpc-flow-log', 'Tags': v}])}, ('ServiceToken', 'ServiceTimeout')),
    'AWS::Glue::Database': ('glue', 'CreateDatabase', {}, ()),
    'AWS::Glue::Table': ('glue', 'CreateTable', {}, ()),
    'AWS::IAM::Policy': ('iam', 'PutRolePolicy', {'Roles': ('RoleName', lambda v: v[0])}, ()),
    'AWS::IAM::Role': ('iam', 'CreateRole', {}, ('ManagedPolicyArns',)),
    'AWS::KMS::Key': ('kms', 'CreateKey', {'KeyPolicy': ('Policy', None)}, ('EnableKeyRotation',)),
    'AWS::Lambda::EventInvokeConfig': ('lambda', 'PutFunctionEventInvokeConfig', {}, ()),
    'AWS::Lambda::Function': ('lambda', 'CreateFunction', {}, ()),
    'AWS::Logs::LogGroup': ('logs', 'CreateLogGroup', {}, ('RetentionInDays',)),
    'AWS::Logs::MetricFilter': ('logs', 'PutMetricFilter', {}, ()),
    'AWS::Logs::QueryDefinition': ('logs', 'PutQueryDefinition', {}, ()),
    'AWS::Scheduler::Schedule': ('scheduler', 'CreateSchedule', {}, ()),
    'AWS::Scheduler::ScheduleGroup': ('scheduler', 'CreateScheduleGroup', {}, ()),
}


def check(value, shape, where):
    kind = shape.type_name
    if kind == 'structure':
        if not isinstance(value, dict):
            yield where, f'got {value!r}, expected an object'
            return
        members = {name.lower(): name for name in shape.members}
        given = set()
        for key, item in value.items():
            name = members.get(key.lower())
            if name is None:
                yield f'{where}.{key}', f'got a member, expected one of {", ".join(shape.members)}'
                continue
            given.add(name)
            yield from check(item, shape.members[name], f'{where}.{key}')
        for name in shape.required_members:
            if name not in given:
                yield f'{where}.{name}', 'got nothing, expected a value'
    elif kind == 'list':
        if not isinstance(value, list):
            yield where, f'got {value!r}, expected a list'
            return
        yield from within(len(value), shape, where, 'elements')
        for i, item in enumerate(value):
            yield from check(item, shape.member, f'{where}[{i}]')
    elif kind == 'map':
        for key, item in value.items():
            yield from check(key, shape.key, f'{where} key {key}')
            yield from check(item, shape.value, f'{where}.{key}')
    elif kind == 'string':
        # A document is text to the service.
        text = json.dumps(value, separators=(',', ':')) if isinstance(value, (dict, list)) else str(value)
        yield from within(len(text), shape, where, 'characters')
        allowed = getattr(shape, 'enum', None)
        if allowed and text not in allowed:
            yield where, f'got {text!r}, expected one of {", ".join(allowed)}'
        pattern = shape.metadata.get('pattern')
        if pattern and not java(pattern).fullmatch(text):
            yield where, f'got {text[:80]!r}, expected {pattern}'
    elif kind in ('integer', 'long', 'float', 'double'):
        if not regex.fullmatch(r'-?\d+(\.\d+)?(e[+-]?\d+)?', str(value)):
            yield where, f'got {value!r}, expected a number'
        else:
            yield from within(float(value), shape, where, '')
    elif kind == 'boolean' and str(value).lower() not in ('true', 'false'):
        yield where, f'got {value!r}, expected true or false'


def java(pattern):
    """A pattern of the models, which are Java's: pairs of surrogates are the planes above the first."""
    pattern = pattern.replace(r'\uD800\uDC00-\uDBFF\uDFFF', '\U00010000-\U0010ffff')
    return regex.compile(regex.sub(r'\\[ux]\{([0-9A-F]+)\}', lambda m: chr(int(m[1], 16)), pattern))


def within(size, shape, where, unit):
    least, most = shape.metadata.get('min'), shape.metadata.get('max')
    if least is not None and size < least:
        yield where, f'got {size:g} {unit}, expected at least {least}'
    if most is not None and size > most:
        yield where, f'got {size:g} {unit}, expected at most {most}'


def problems(template, region):
    values = Values(template, region)
    for logical_id, resource in template['Resources'].items():
        if resource['Type'] not in TYPES:
            continue
        service, operation, forms, elsewhere = TYPES[resource['Type']]
        shape = SESSION.get_service_model(service).operation_model(operation).input_shape
        request = {}
        for name, value in values.resolve(resource.get('Properties', {})).items():
            if name in elsewhere or value is None:
                continue
            renamed, form = forms.get(name, (name, None))
            request[renamed] = form(value) if form else value
        # Tags of CloudFormation are a list; some services take a map, which has no other rules.
        tags = next((name for name in shape.members if name.lower() == 'tags'), None)
        if isinstance(request.get('Tags'), list) and tags and shape.members[tags].type_name == 'map':
            request['Tags'] = {tag['Key']: tag['Value'] for tag in request['Tags']}
        # CloudFormation makes the names that a template leaves out.
        given = {name.lower() for name in request}
        for name in shape.required_members:
            if name.lower() not in given and name.lower().endswith('name'):
                request[name] = values.name_of(logical_id)
            if name.lower() == 'clienttoken' and name.lower() not in given:
                request[name] = 'token'
        for where, what in check(request, shape, logical_id):
            yield f'{where}: {what} ({service}:{operation})'


def controls():
    """What must be found, or the check checks nothing."""
    def found(kind, **properties):
        return list(problems({'Resources': {'X': {'Type': kind, 'Properties': properties}}}, 'us-east-1'))
    table = [
        ('a value that is none', found('AWS::EC2::FlowLog', ResourceId='vpc-0a', ResourceType='VPC', TrafficType='SOME'), 'TrafficType'),
        ('a text too long', found('AWS::Lambda::Function', Description='x' * 257, Role='arn:aws:iam::123456789012:role/r', Code={'ZipFile': 'x'}), 'at most 256'),
        ('a text of another form', found('AWS::Lambda::Function', Role='nobody', Code={'ZipFile': 'x'}), 'Role'),
        ('a number too large', found('AWS::Lambda::Function', Timeout=90000, Role='arn:aws:iam::123456789012:role/r', Code={'ZipFile': 'x'}), 'Timeout'),
        ('a member that is none', found('AWS::Athena::NamedQuery', Name='q', Database='d', QueryString='s', Colour='red'), 'Colour'),
        ('a member that is missing', found('AWS::Athena::NamedQuery', Name='q', Database='d'), 'QueryString'),
    ]
    return [f'control: {what} was not found; got {got}' for what, got, word in table if not any(word in line for line in got)]
