"""Resource types that the emulator lacks: the smallest handlers that keep what a template asked for.

AWS::EC2::FlowLog refuses what EC2 refuses (documented: API_CreateFlowLogs); tests read what arrived from /_box/resources.
"""
import json, time, uuid

from ministack.services import athena, cloudwatch, ec2
from ministack.services.cloudformation import provisioners

RECEIVED = {}


def remember(kind, physical_id, properties):
    RECEIVED[(kind, physical_id)] = properties


def forget(kind):
    return lambda physical_id, properties: RECEIVED.pop((kind, physical_id), None)


# The enum of the type's schema: less than what EC2's API has.
SCOPES = ('NetworkInterface', 'Subnet', 'VPC', 'TransitGateway', 'TransitGatewayAttachment', 'RegionalNatGateway')


def create_flow_log(logical_id, properties, stack):
    if properties['ResourceType'] not in SCOPES:
        raise ValueError(f"Model validation failed (#/ResourceType: #: {properties['ResourceType']} is not a valid enum value)")
    transit = properties['ResourceType'].startswith('TransitGateway')
    if transit and properties.get('TrafficType'):
        raise ValueError('TrafficType is not supported for this resource type')
    if transit and int(properties.get('MaxAggregationInterval', 60)) != 60:
        raise ValueError('MaxAggregationInterval must be 60 for this resource type')
    if not transit and properties.get('TrafficType') not in ('ALL', 'ACCEPT', 'REJECT'):
        raise ValueError('TrafficType must be one of ALL, ACCEPT, REJECT')
    if properties.get('LogDestinationType') == 'cloud-watch-logs' and not properties.get('DeliverLogsPermissionArn'):
        raise ValueError('DeliverLogsPermissionArn is required')
    options = properties.get('DestinationOptions')
    if options is not None and set(options) != {'FileFormat', 'HiveCompatiblePartitions', 'PerHourPartition'}:
        raise ValueError(f'DestinationOptions: unexpected keys {sorted(options)}')
    flow_log_id = 'fl-' + uuid.uuid4().hex[:17]
    ec2._flow_logs[flow_log_id] = {
        'FlowLogId': flow_log_id, 'ResourceId': properties['ResourceId'], 'TrafficType': properties.get('TrafficType', 'ALL'),
        'LogDestinationType': properties.get('LogDestinationType', 'cloud-watch-logs'), 'LogDestination': properties.get('LogDestination', ''),
        'LogGroupName': properties.get('LogGroupName', ''), 'FlowLogStatus': 'ACTIVE',
        'CreationTime': time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime()),
    }
    remember('AWS::EC2::FlowLog', flow_log_id, properties)
    return flow_log_id, {'Id': flow_log_id}


def delete_flow_log(physical_id, properties):
    ec2._flow_logs.pop(physical_id, None)
    RECEIVED.pop(('AWS::EC2::FlowLog', physical_id), None)


def create_named_query(logical_id, properties, stack):
    answer = athena._create_named_query({**properties, 'WorkGroup': properties.get('WorkGroup', 'primary'), 'Name': properties.get('Name', logical_id)})
    query_id = json.loads(answer[2])['NamedQueryId']
    return query_id, {'NamedQueryId': query_id}


def create_prepared_statement(logical_id, properties, stack):
    athena._prepared_statements.pop(f"{properties['WorkGroup']}/{properties['StatementName']}", None)
    answer = athena._create_prepared_statement(properties)
    if answer[0] >= 300:
        raise ValueError(answer[2])
    return properties['StatementName'], {}


def create_query_definition(logical_id, properties, stack):
    query_id = str(uuid.uuid4())
    remember('AWS::Logs::QueryDefinition', query_id, properties)
    return query_id, {'QueryDefinitionId': query_id}


def create_composite_alarm(logical_id, properties, stack):
    name = properties.get('AlarmName') or provisioners._physical_name(stack, logical_id, max_len=255)
    actions = {f'AlarmActions.member.{i + 1}': arn for i, arn in enumerate(properties.get('AlarmActions') or [])}
    request = {'AlarmName': name, 'AlarmRule': properties['AlarmRule'], 'AlarmDescription': properties.get('AlarmDescription', ''), **actions}
    cloudwatch._put_composite_alarm(request, {}, False)
    remember('AWS::CloudWatch::CompositeAlarm', name, properties)
    return name, {'Arn': f'arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}'}


def create_log_alarm(logical_id, properties, stack):
    name = properties.get('AlarmName') or f'{stack}-{logical_id}'
    remember('AWS::CloudWatch::LogAlarm', name, properties)
    return name, {'Arn': f'arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}'}


def install():
    provisioners._RESOURCE_HANDLERS.update({
        'AWS::EC2::FlowLog': {'create': create_flow_log, 'delete': delete_flow_log},
        'AWS::Athena::NamedQuery': {
            'create': create_named_query,
            'delete': lambda physical_id, properties: athena._delete_named_query({'NamedQueryId': physical_id}),
        },
        'AWS::Athena::PreparedStatement': {
            'create': create_prepared_statement,
            'delete': lambda physical_id, properties: athena._prepared_statements.pop(f"{properties['WorkGroup']}/{physical_id}", None),
        },
        'AWS::CloudWatch::CompositeAlarm': {
            'create': create_composite_alarm,
            'delete': lambda physical_id, properties: cloudwatch._delete_alarms({'AlarmNames.member.1': physical_id}, {}, False),
        },
        'AWS::CloudWatch::LogAlarm': {'create': create_log_alarm, 'delete': forget('AWS::CloudWatch::LogAlarm')},
        'AWS::Logs::QueryDefinition': {'create': create_query_definition, 'delete': forget('AWS::Logs::QueryDefinition')},
    })
