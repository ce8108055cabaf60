"""cfn-lint over every template, in the Regions that it is for. Texts that are the same but for their Region are read once, for all of these."""
import re
from multiprocessing import Pool
from pathlib import Path

from cfnlint.api import ManualArgs, lint
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

# Rule -> why what it warns of is meant.
ACCEPTED = {
    'W3005': 'the CDK says outright what a resource depends on, also where a reference says it too',
}


def without_region(text, region):
    """Links to the console and ARNs differ between partitions; code that knows its Region has another hash."""
    text = re.sub(r'[0-9a-f]{64}|(?<=Deployment[0-9A-F]{8})[0-9a-f]{32}', 'HASH', text)
    text = re.sub(r'arn:aws[a-z-]*:', 'arn:PARTITION:', text)
    return re.sub(re.escape(region) + r'\.console\.[a-z.-]+', 'CONSOLE', text).replace(region, 'REGION')


def run(job):
    name, text, regions = job
    return [(name, regions, match.rule.id, str(match)) for match in lint(text, config=ManualArgs(regions=regions))]


def findings(folder, home, more):
    """home: Region of templates that are linted for `more` Regions too. Returns lint's findings, and how many texts were read."""
    groups = {}
    for path in sorted(Path(folder).glob('*/*.template.json')):
        region = path.parent.name
        if region == 'update':
            continue
        text = path.read_text()
        group = groups.setdefault((path.name, without_region(text, region)), (path.name.removesuffix('.template.json'), text, []))
        group[2].extend([region, *(more if region == home else [])])
    # The largest first: one that begins last is waited for.
    jobs = sorted(groups.values(), key=lambda job: -len(job[1]))
    with Pool(2) as pool:
        return [finding for found in pool.imap_unordered(run, jobs) for finding in found], len(jobs)


def missing_types(types):
    """Regions whose CloudFormation lacks a type."""
    from cfnlint.helpers import REGIONS
    missing = {}
    for region in REGIONS:
        known = set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))
        for kind in types:
            if kind not in known and not kind.startswith('Custom::'):
                missing.setdefault(kind, []).append(region)
    return {kind: sorted(regions) for kind, regions in missing.items()}


def controls():
    def found(kind, properties, region):
        template = '{"Resources": {"X": {"Type": "%s", "Properties": %s}}}' % (kind, properties)
        return [match.rule.id for match in lint(template, config=ManualArgs(regions=[region]))]
    wan = found('AWS::EC2::FlowLog', '{"ResourceId": "core-network-0a", "ResourceType": "CoreNetwork", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::b"}', 'us-east-1')
    alarm = found('AWS::CloudWatch::LogAlarm', '{}', 'cn-north-1')
    return [
        f'control: {what} was not found; got {got}'
        for what, got, rule in [('a scope that CloudFormation lacks', wan, 'E3030'), ('a type that a Region lacks', alarm, 'E3006')]
        if rule not in got
    ]
