"""Where botocore looks for KMS: one JSON array [partition, region, fips, dual stack, URL or null] a line."""

import itertools
import json

import botocore.session

session = botocore.session.get_session()
client = session.create_client("kms", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
rules = client._ruleset_resolver._provider
for partition in session.get_available_partitions():
    for region in session.get_available_regions("kms", partition_name=partition):
        if "fips" in region.lower():
            continue
        for fips, dual_stack in itertools.product([False, True], repeat=2):
            try:
                url = rules.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack).url
            except Exception:
                url = None
            print(json.dumps([partition, region, fips, dual_stack, url]))
