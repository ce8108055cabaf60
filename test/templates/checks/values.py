"""What a template's references become at deployment, as far as AWS's own patterns tell right from wrong."""
import re

ACCOUNT = '123456789012'
KEY = '11111111-2222-3333-4444-555555555555'
PARTITIONS = {'cn-': 'aws-cn', 'us-gov-': 'aws-us-gov', 'eusc-': 'aws-eusc'}
SUFFIXES = {'aws-cn': 'amazonaws.com.cn', 'aws-eusc': 'amazonaws.eu'}


class Values:
    """`resolve` of a property's value. Names are made of logical ids, as CloudFormation makes them."""

    def __init__(self, template, region):
        self.resources = template['Resources']
        self.mappings = template.get('Mappings', {})
        self.region = region
        self.partition = next((p for prefix, p in PARTITIONS.items() if region.startswith(prefix)), 'aws')

    def arn(self, service, resource, region=True, account=True):
        return f"arn:{self.partition}:{service}:{self.region if region else ''}:{ACCOUNT if account else ''}:{resource}"

    def arn_of(self, logical_id):
        kind, name = self.resources[logical_id]['Type'], self.name_of(logical_id)
        return {
            'AWS::IAM::Role': self.arn('iam', f'role/{name}', region=False),
            'AWS::Lambda::Function': self.arn('lambda', f'function:{name}'),
            'AWS::S3::Bucket': self.arn('s3', name, region=False, account=False),
            'AWS::KMS::Key': self.arn('kms', f'key/{KEY}'),
            'AWS::SNS::Topic': self.arn('sns', name),
            'AWS::SQS::Queue': self.arn('sqs', name),
            'AWS::DynamoDB::Table': self.arn('dynamodb', f'table/{name}'),
            'AWS::Logs::LogGroup': self.arn('logs', f'log-group:{name}:*'),
            'AWS::CloudWatch::Alarm': self.arn('cloudwatch', f'alarm:{name}'),
            'AWS::CloudWatch::CompositeAlarm': self.arn('cloudwatch', f'alarm:{name}'),
        }[kind]

    def name_of(self, logical_id):
        if self.resources[logical_id]['Type'] == 'AWS::S3::Bucket':
            return f'stack-{logical_id}'.lower()[:63]
        return f'stack-{logical_id}'[:64]

    def ref(self, name):
        pseudo = {
            'AWS::AccountId': ACCOUNT, 'AWS::Region': self.region, 'AWS::Partition': self.partition, 'AWS::StackName': 'stack',
            'AWS::URLSuffix': SUFFIXES.get(self.partition, 'amazonaws.com'), 'AWS::NoValue': None,
        }
        if name in pseudo:
            return pseudo[name]
        if name not in self.resources:
            return 'vpc-0123456789abcdef0'
        kind = self.resources[name]['Type']
        if kind == 'AWS::SNS::Topic':
            return self.arn_of(name)
        if kind == 'AWS::SQS::Queue':
            return f'https://sqs.{self.region}.amazonaws.com/{ACCOUNT}/{self.name_of(name)}'
        if kind == 'AWS::KMS::Key':
            return KEY
        if kind in ('Custom::CoreNetworkFlowLog', 'AWS::EC2::FlowLog'):
            return 'fl-0123456789abcdef0'
        return self.name_of(name)

    def resolve(self, value):
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (key, argument), = value.items()
            if key == 'Ref':
                return self.ref(argument)
            if key == 'Fn::GetAtt':
                logical_id, attribute = argument if isinstance(argument, list) else argument.split('.', 1)
                if attribute == 'Arn':
                    return self.arn_of(logical_id)
                return {'RootResourceId': 'a1b2c3d4e5', 'Id': 'fl-0123456789abcdef0', 'QueueName': self.name_of(logical_id)}.get(attribute, self.name_of(logical_id))
            if key == 'Fn::Join':
                return argument[0].join(str(self.resolve(part)) for part in argument[1])
            if key == 'Fn::Sub':
                return re.sub(r'\$\{([^}!]+)\}', lambda m: str(self.ref(m[1])), argument)
            if key == 'Fn::FindInMap':
                return self.mappings[argument[0]][self.resolve(argument[1])][argument[2]]
            if key.startswith('Fn::'):
                raise ValueError(f'{key}: no stand-in for it')
        return {key: self.resolve(item) for key, item in value.items()}
