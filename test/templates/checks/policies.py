"""Identity policies by parliament: actions, resources and conditions that IAM does not know, or that do not go together."""
import json

import parliament

from .values import Values

# Issue and what it is about -> why it is meant.
ACCEPTED = {
    ('RESOURCE_STAR', 'logs:GetQueryResults'): 'it names a query by its id, which is no resource',
    ('RESOURCE_STAR', 'ec2:CreateFlowLogs'): 'core networks are no resource type of EC2, so no ARN of theirs can be named',
    ('MISMATCHED_TYPE_BUT_USABLE', 'StringLike requires a value of type String but given Arn'): 'the operator that AWS documents for iam:AssociatedResourceARN',
}


def findings(document):
    policy = parliament.analyze_policy_string(json.dumps(document))
    return [(f.issue, f.detail if isinstance(f.detail, str) else json.dumps(f.detail), f.location) for f in policy.findings]


def problems(template, region):
    """Pairs of a place and what is wrong there."""
    values = Values(template, region)
    for logical_id, resource in template['Resources'].items():
        documents = []
        if resource['Type'] == 'AWS::IAM::Policy':
            documents.append(resource['Properties']['PolicyDocument'])
        if resource['Type'] == 'AWS::IAM::Role':
            documents += [policy['PolicyDocument'] for policy in resource['Properties'].get('Policies', [])]
        for document in documents:
            for issue, detail, location in findings(values.resolve(document)):
                yield logical_id, issue, detail, json.dumps(location, default=str)


def controls():
    def found(**statement):
        return findings({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', **statement}]})
    table = [
        ('an action that is none', found(Action='logs:ReadEverything', Resource='*'), 'UNKNOWN_ACTION'),
        ('a resource that the action does not take', found(Action='s3:GetObject', Resource='arn:aws:s3:::bucket'), 'RESOURCE_MISMATCH'),
        ('a condition that the action does not know', found(Action='s3:GetObject', Resource='arn:aws:s3:::b/*', Condition={'StringEquals': {'s3:colour': 'red'}}), 'UNKNOWN_CONDITION_FOR_ACTION'),
    ]
    return [f'control: {what} was not found; got {got}' for what, got, issue in table if issue not in [one for one, *_ in got]]
