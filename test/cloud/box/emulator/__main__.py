"""The box's AWS: ministack with the repairs that our tests need, each in a file of its own. Run: python -m emulator"""
import os

os.environ.setdefault('BIND_HOST', '127.0.0.1')

from . import account_rules, athena_on_trino, cloudformation_types, faults, glue_answers, insights, metrics, permissions, s3_templates, schedules

import ministack.app as gateway

for part in (account_rules, athena_on_trino, cloudformation_types, glue_answers, insights, metrics, permissions, s3_templates, schedules):
    part.install()
gateway.app = faults.Faults(gateway.app)
gateway.main()
