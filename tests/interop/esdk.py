"""A driver around the official AWS Encryption SDK for Python, for `tests/tests/interop.rs`.

It reads one JSON request a line from stdin and answers each with one JSON line. Data is in files: it is read `from` one and written `into` the
other.

    {"do": "encrypt", "keyrings": BOOL, "keys": [KEY, ...], "from": PATH, "into": PATH, "context": {...}, "frame_length": N, "suite": N}  ->  {}
    {"do": "decrypt", "keyrings": BOOL, "keys": [KEY, ...], "from": PATH, "into": PATH}  ->  {"context": {...}}

A KEY is {"namespace": S, "name": S, "key": S}: a raw AES wrapping key, in base64. The first one makes the data key. With "keyrings": true the keys are
keyrings of the Material Providers Library, which wraps data keys in code of its own; else they are master keys. What the SDK refuses is answered
with {"refused": "the exception's type and text"}.
"""

import base64
import json
import logging
import sys
from pathlib import Path

import aws_encryption_sdk
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import AesWrappingAlg, CreateMultiKeyringInput, CreateRawAesKeyringInput
from aws_encryption_sdk.exceptions import InvalidKeyIdError
from aws_encryption_sdk.identifiers import AlgorithmSuite, CommitmentPolicy, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.base import MasterKeyProvider, MasterKeyProviderConfig
from aws_encryption_sdk.key_providers.raw import RawMasterKey

WRAPPING = {
    16: WrappingAlgorithm.AES_128_GCM_IV12_TAG16_NO_PADDING,
    24: WrappingAlgorithm.AES_192_GCM_IV12_TAG16_NO_PADDING,
    32: WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
}


KEYRING_WRAPPING = {
    16: AesWrappingAlg.ALG_AES128_GCM_IV12_TAG16,
    24: AesWrappingAlg.ALG_AES192_GCM_IV12_TAG16,
    32: AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16,
}


class Keys(MasterKeyProvider):
    """Several master keys as one provider: the first makes the data key, all wrap it, any unwraps it."""

    provider_id = "several"
    _config_class = MasterKeyProviderConfig
    vend_masterkey_on_decrypt = True

    def _new_master_key(self, key_id):
        raise InvalidKeyIdError("this provider has only the keys it was given")


def provider(keys):
    several = Keys()
    for entry in keys:
        key = base64.b64decode(entry["key"])
        several.add_master_key_provider(
            RawMasterKey(
                provider_id=entry["namespace"],
                key_id=entry["name"].encode(),
                wrapping_key=WrappingKey(
                    wrapping_algorithm=WRAPPING[len(key)],
                    wrapping_key=key,
                    wrapping_key_type=EncryptionKeyType.SYMMETRIC,
                ),
            )
        )
    return several


def keyring(keys):
    library = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    rings = []
    for entry in keys:
        key = base64.b64decode(entry["key"])
        given = CreateRawAesKeyringInput(
            key_namespace=entry["namespace"],
            key_name=entry["name"],
            wrapping_key=key,
            wrapping_alg=KEYRING_WRAPPING[len(key)],
        )
        rings.append(library.create_raw_aes_keyring(given))
    return library.create_multi_keyring(CreateMultiKeyringInput(generator=rings[0], child_keyrings=rings[1:]))


ALLOWING = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT


def client_of(policy):
    return aws_encryption_sdk.EncryptionSDKClient(commitment_policy=policy)


def answer(request):
    keys = {"keyring": keyring(request["keys"])} if request["keyrings"] else {"key_provider": provider(request["keys"])}
    source = Path(request["from"]).read_bytes()
    if request["do"] == "encrypt":
        suite = AlgorithmSuite.get_by_id(request["suite"])
        client = client_of(ALLOWING if suite.is_committing() else CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
        message, _ = client.encrypt(
            source=source,
            **keys,
            algorithm=suite,
            frame_length=request["frame_length"],
            encryption_context=request["context"],
        )
        Path(request["into"]).write_bytes(message)
        return {}
    plaintext, header = client_of(ALLOWING).decrypt(source=source, **keys)
    Path(request["into"]).write_bytes(plaintext)
    return {"context": header.encryption_context}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = answer(request)
        except Exception as error:  # whatever the SDK raises is its way to refuse
            result = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
