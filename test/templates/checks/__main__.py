"""Templates against what AWS publishes of itself, without an account. Run: python -m checks FOLDER (of test/templates/synth.ts) MISSING-TYPES."""
import json
import sys
from pathlib import Path

from . import lint, policies, requests

HOME, MORE = 'us-east-1', ['eu-central-1', 'ap-south-1']


def main(folder, missing):
    errors = [*lint.controls(), *requests.controls(), *policies.controls()]
    found, read = lint.findings(folder, HOME, MORE)
    used, policies_used = set(), set()
    for name, regions, rule, text in found:
        if rule in lint.ACCEPTED:
            used.add(rule)
        else:
            errors.append(f'{name} ({", ".join(regions)}): {text}')
    types, asked, documents = set(), 0, 0
    for path in sorted(Path(folder).glob('*/*.template.json')):
        region, template = path.parent.name, json.loads(path.read_text())
        if region == 'update':
            continue
        types |= {resource['Type'] for resource in template['Resources'].values()}
        asked += sum(resource['Type'] in requests.TYPES for resource in template['Resources'].values())
        errors += [f'{path.name} ({region}): {problem}' for problem in requests.problems(template, region)]
        # The same in every partition but for its ARNs.
        if region == HOME:
            documents += sum(resource['Type'] == 'AWS::IAM::Policy' for resource in template['Resources'].values())
            for logical_id, issue, detail, location in policies.problems(template, region):
                reason = next((key for key in policies.ACCEPTED if key[0] == issue and key[1] in detail), None)
                if reason:
                    policies_used.add(reason)
                else:
                    errors.append(f'{path.name} {logical_id}: {issue} {detail} {location}')
    real = lint.missing_types(types)
    if real != missing:
        errors.append(f'lib/constructs/region-support.ts: got {missing}, expected {real}')
    unused = [*(lint.ACCEPTED.keys() - used), *(policies.ACCEPTED.keys() - policies_used)]
    errors += [f'{key}: accepted with a reason, but nothing warns of it any more: take it out' for key in unused]
    print(f'cfn-lint: {read} templates in {len(MORE) + 1} Regions and 3 other partitions; accepted: {sum(rule in lint.ACCEPTED for _, _, rule, _ in found)} warnings')
    for rule, why in lint.ACCEPTED.items():
        print(f'  {rule}: {why}')
    print(f'botocore: {asked} requests of {len(requests.TYPES)} kinds')
    print(f'parliament: {documents} policies')
    for (issue, detail), why in policies.ACCEPTED.items():
        print(f'  {issue} {detail}: {why}')
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
