"""Signs requests as botocore does. Standard input: one JSON request a line; standard output: its headers, one JSON object a line."""

import datetime
import json
import sys
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

for line in sys.stdin:
    given = json.loads(line)
    request = AWSRequest(given["method"], given["url"], headers=given["headers"], data=given["body"].encode())
    credentials = Credentials(given["accessKeyId"], given["secretAccessKey"], given.get("sessionToken"))
    now = datetime.datetime.strptime(given["date"], "%Y%m%dT%H%M%SZ")
    signer = botocore.auth.SigV4Auth(credentials, given["service"], given["region"])
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: now):
        signer.add_auth(request)
    print(json.dumps({name.lower(): value for name, value in request.headers.items()}))
