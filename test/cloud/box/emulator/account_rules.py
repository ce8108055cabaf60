"""What AWS refuses or keeps and the emulator does not: log stages without the account's role, workgroups that are updated, flow logs of the API.

Sources: the error that API Gateway gives; https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateWorkGroup.html (what is not named
stays); https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html.
"""
import re

from ministack.services import apigateway_v1, athena, ec2
from ministack.services.cloudformation import provisioners

from .cloudformation_types import RECEIVED

tokens = {}


def log_stages():
    handlers = provisioners._RESOURCE_HANDLERS['AWS::ApiGateway::Stage']

    def checked(properties):
        role = (apigateway_v1._account_settings.get('settings') or {}).get('cloudwatchRoleArn')
        if properties.get('AccessLogSetting') and not role:
            raise ValueError('CloudWatch Logs role ARN must be set in account settings to enable logging')

    create, update = handlers['create'], handlers['update']

    def create_stage(logical_id, properties, stack):
        checked(properties)
        return create(logical_id, properties, stack)

    def update_stage(physical_id, old, new, *rest, **more):
        checked(new)
        return update(physical_id, old, new, *rest, **more)

    handlers.update(create=create_stage, update=update_stage)


def workgroups():
    apply = provisioners._athena_workgroup_apply

    def keeping(name, properties):
        before = dict(athena._workgroups[name].get('Configuration') or {})
        apply(name, properties)
        after = athena._workgroups[name]['Configuration']
        if 'ManagedQueryResultsConfiguration' in before and 'ManagedQueryResultsConfiguration' not in after:
            after['ManagedQueryResultsConfiguration'] = before['ManagedQueryResultsConfiguration']

    provisioners._athena_workgroup_apply = keeping


def flow_logs():
    original = ec2._create_flow_logs
    table = next(value for value in vars(ec2).values() if isinstance(value, dict) and value.get('CreateFlowLogs') is ec2._create_flow_logs)

    def create(parameters):
        token = ec2._p(parameters, 'ClientToken')
        if token and token in tokens:
            return tokens[token]
        kind = ec2._p(parameters, 'ResourceType')
        if kind.startswith('CoreNetwork') and ec2._p(parameters, 'MaxAggregationInterval') != '60':
            return ec2._error('InvalidParameter', 'MaxAggregationInterval must be 60 for this resource type', 400)
        answer = original(parameters)
        body = answer[2].decode() if isinstance(answer[2], bytes) else answer[2]
        ids = re.findall(r'<item>(fl-\w+)</item>', body)
        for flow_log_id in ids:
            ec2._parse_tag_specs(parameters, 'vpc-flow-log', flow_log_id)
            names = ('ResourceType', 'LogFormat', 'LogDestinationType', 'LogDestination', 'DeliverLogsPermissionArn', 'MaxAggregationInterval')
            RECEIVED[('ec2:CreateFlowLogs', flow_log_id)] = {name: ec2._p(parameters, name) for name in names}
        if token and ids:
            tokens[token] = answer
        return answer

    delete = table['DeleteFlowLogs']

    def forget(parameters):
        for flow_log_id in ec2._parse_member_list(parameters, 'FlowLogId'):
            RECEIVED.pop(('ec2:CreateFlowLogs', flow_log_id), None)
        return delete(parameters)

    table.update(CreateFlowLogs=create, DeleteFlowLogs=forget)


def install():
    log_stages()
    workgroups()
    flow_logs()
