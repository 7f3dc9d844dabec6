"""hvac on a Transit key: standard input has JSON `{url, token, mount, name, context, ciphertext, plaintext}`; standard output what it opened and sealed."""

import json
import sys

import hvac

given = json.load(sys.stdin)
client = hvac.Client(url=given["url"], token=given["token"], namespace=given.get("namespace"))
transit = client.secrets.transit
bound = {"associated_data": given["context"]} if given["context"] else {}
common = {"name": given["name"], "mount_point": given["mount"], **bound}
opened = transit.decrypt_data(ciphertext=given["ciphertext"], **common)
sealed = transit.encrypt_data(plaintext=given["plaintext"], **common)
print(json.dumps({"plaintext": opened["data"]["plaintext"], "ciphertext": sealed["data"]["ciphertext"]}))
