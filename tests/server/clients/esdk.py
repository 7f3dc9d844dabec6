"""The official AWS Encryption SDK for Python under KMS keys; address and credentials come from the environment as AWS's tools read them.

It reads one JSON request a line from stdin and answers each with one JSON line. Bytes are base64.

    {"do": "encrypt", "with": W, "key": ARN, "suite": "0478", "plaintext": B, "context": {...}}  ->  {"message": B}
    {"do": "decrypt", "with": W, "key": ARN, "message": B}                                      ->  {"plaintext": B, "context": {...}}

W is `master-key`, `mrk-master-key` or `discovery-master-key` (the SDK's own), or `keyring`, `mrk-keyring` or `discovery-keyring` (of AWS's material
providers library). Discovery asks the KMS of `key`'s region for whatever key a message names. What is refused is answered with {"refused": text}.
"""

import base64
import json
import logging
import sys

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders, models
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_encryption_sdk.identifiers import AlgorithmSuite, CommitmentPolicy
from aws_encryption_sdk.key_providers import kms

PROVIDERS = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


def client(key):
    return boto3.client("kms", region_name=key.split(":")[3])


def keys(request):
    """What encrypts or decrypts, as the argument that the SDK takes."""
    kind, key = request["with"], request["key"]
    if kind == "master-key":
        return {"key_provider": kms.KMSMasterKey(key_id=key, client=client(key))}
    if kind == "mrk-master-key":
        return {"key_provider": kms.MRKAwareKMSMasterKey(key_id=key, client=client(key))}
    if kind == "discovery-master-key":
        return {"key_provider": kms.DiscoveryAwsKmsMasterKeyProvider()}
    if kind == "keyring":
        made = PROVIDERS.create_aws_kms_keyring(models.CreateAwsKmsKeyringInput(kms_key_id=key, kms_client=client(key)))
    elif kind == "mrk-keyring":
        made = PROVIDERS.create_aws_kms_mrk_keyring(models.CreateAwsKmsMrkKeyringInput(kms_key_id=key, kms_client=client(key)))
    else:
        made = PROVIDERS.create_aws_kms_discovery_keyring(models.CreateAwsKmsDiscoveryKeyringInput(kms_client=client(key)))
    return {"keyring": made}


def answer(request):
    sdk = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    if request["do"] == "encrypt":
        suite = AlgorithmSuite.get_by_id(int(request["suite"], 16))
        plaintext, context = base64.b64decode(request["plaintext"]), request["context"]
        message, _ = sdk.encrypt(source=plaintext, algorithm=suite, encryption_context=context, **keys(request))
        return {"message": base64.b64encode(message).decode()}
    plaintext, header = sdk.decrypt(source=base64.b64decode(request["message"]), **keys(request))
    return {"plaintext": base64.b64encode(plaintext).decode(), "context": header.encryption_context}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever the SDK throws is a refusal
            result = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
