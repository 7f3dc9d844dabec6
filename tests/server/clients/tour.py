"""Every operation of the KMS by boto3, against a server whose address and credentials come from the environment as AWS's tools read them.

What the KMS computes is checked with the `cryptography` package, so that neither side can be wrong alone. Prints each operation that was called
and answered, one a line; the test compares them with the list of all.
"""

import hashlib
import os
import urllib.request

import boto3
import botocore.exceptions
from botocore.config import Config
from cryptography.hazmat.primitives import hashes, hmac, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa, utils

ENDPOINT = os.environ["AWS_ENDPOINT_URL_KMS"]
BOB = "arn:aws:iam::111122223333:user/bob"
CONTEXT = {"tenant": "42", "ключ": "значение", "\U00010000": "non-BMP"}
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}

called = set()


class Client:
    """boto3's client of a region, which notes what was answered; a call that has to be refused names the code."""

    def __init__(self, region="us-east-1"):
        self.client = boto3.client("kms", region_name=region, config=Config(retries={"max_attempts": 0}))

    def __getattr__(self, name):
        def call(refused=None, **request):
            operation = self.client.meta.method_to_api_mapping[name]
            try:
                response = getattr(self.client, name)(**request)
            except botocore.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                assert code == refused, f"{operation}: {error}"
                return error.response
            assert refused is None, f"{operation} was not refused with {refused}"
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
            called.add(operation)
            return response

        return call


kms = Client()


def make(spec=None, usage=None, **more):
    request = {key: value for key, value in {"KeySpec": spec, "KeyUsage": usage, **more}.items() if value is not None}
    return kms.create_key(**request)["KeyMetadata"]["Arn"]


def public_key(key_id):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])


def keys_and_their_names():
    key = make(Description="documents", Tags=[{"TagKey": "team", "TagValue": "blue"}])
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert described["Description"] == "documents" and described["KeyState"] == "Enabled" and described["CreationDate"].year >= 2026
    kms.update_key_description(KeyId=key, Description="")
    assert key in {entry["KeyArn"] for page in kms.client.get_paginator("list_keys").paginate() for entry in page["Keys"]}
    called.add("ListKeys")
    kms.create_alias(AliasName="alias/tour/documents", TargetKeyId=key)
    other = make()
    kms.update_alias(AliasName="alias/tour/documents", TargetKeyId=other)
    kms.create_alias(AliasName="alias/tour/documents", TargetKeyId=key, refused="AlreadyExistsException")
    assert [entry["AliasName"] for entry in kms.list_aliases(KeyId=other)["Aliases"]] == ["alias/tour/documents"]
    assert kms.describe_key(KeyId="alias/tour/documents")["KeyMetadata"]["Arn"] == other
    kms.delete_alias(AliasName="alias/tour/documents")
    kms.describe_key(KeyId="alias/tour/documents", refused="NotFoundException")
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "cost", "TagValue": "centre"}])
    kms.untag_resource(KeyId=key, TagKeys=["team"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "cost", "TagValue": "centre"}]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert '"kms:*"' in policy
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy="{", refused="MalformedPolicyDocumentException")
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


def envelopes():
    key, other = make(), make()
    sealed = kms.encrypt(KeyId=key, Plaintext=b"top secret", EncryptionContext=CONTEXT)
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == b"top secret" and opened["KeyId"] == key
    kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"tenant": "43"}, refused="InvalidCiphertextException")
    moved = kms.re_encrypt(CiphertextBlob=sealed["CiphertextBlob"], SourceEncryptionContext=CONTEXT, DestinationKeyId=other)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"top secret"
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    assert kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=CONTEXT)["Plaintext"] == data_key["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64)
    assert "Plaintext" not in hidden and len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == 64
    assert len(kms.generate_random(NumberOfBytes=24)["Plaintext"]) == 24
    kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True, refused="DryRunOperationException")
    usage = kms.get_key_last_usage(KeyId=key)
    assert usage["KeyLastUsage"]["Operation"] and usage["KeyCreationDate"].year >= 2026
    for spec in ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"]:
        pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec, EncryptionContext=CONTEXT)
        private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], password=None)
        form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert private.public_key().public_bytes(*form) == pair["PublicKey"], spec
        wrapped = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext=CONTEXT)
        assert wrapped["Plaintext"] == pair["PrivateKeyPlaintext"], spec
    pair = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    assert "PrivateKeyPlaintext" not in pair and kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]


def rsa_encryption():
    for spec in ["RSA_2048", "RSA_3072", "RSA_4096"]:
        key = make(spec, "ENCRYPT_DECRYPT")
        for algorithm, hashing in [("RSAES_OAEP_SHA_1", hashes.SHA1), ("RSAES_OAEP_SHA_256", hashes.SHA256)]:
            oaep = padding.OAEP(padding.MGF1(hashing()), hashing(), None)
            theirs = public_key(key).encrypt(b"from outside", oaep)
            ours = kms.encrypt(KeyId=key, Plaintext=b"from inside", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
            for blob, plaintext in [(theirs, b"from outside"), (ours, b"from inside")]:
                opened = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
                assert opened["Plaintext"] == plaintext, (spec, algorithm)


def signatures():
    message = b"sign here"
    for spec in ["RSA_2048", "RSA_3072", "RSA_4096"]:
        key = make(spec, "SIGN_VERIFY")
        for name, hashing in HASHES.items():
            pss = padding.PSS(padding.MGF1(hashing()), hashing.digest_size)
            for algorithm, scheme in [("RSASSA_PSS_SHA_", pss), ("RSASSA_PKCS1_V1_5_SHA_", padding.PKCS1v15())]:
                check(key, algorithm + name, message, lambda public, signature: public.verify(signature, message, scheme, hashing()))
    for spec, name in [("ECC_NIST_P256", "256"), ("ECC_SECG_P256K1", "256"), ("ECC_NIST_P384", "384"), ("ECC_NIST_P521", "512")]:
        verify = lambda public, signature, name=name: public.verify(signature, message, ec.ECDSA(HASHES[name]()))
        key = make(spec, "SIGN_VERIFY")
        check(key, f"ECDSA_SHA_{name}", message, verify)
        digest = hashlib.new(f"sha{name}", message).digest()
        signed = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=f"ECDSA_SHA_{name}")["Signature"]
        public_key(key).verify(signed, digest, ec.ECDSA(utils.Prehashed(HASHES[name]())))
    key = make("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    check(key, "ED25519_SHA_512", message, lambda public, signature: public.verify(signature, message))
    for spec in ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]:
        key = make(spec, "SIGN_VERIFY")
        check(key, "ML_DSA_SHAKE_256", message, lambda public, signature: public.verify(signature, message))


def check(key, algorithm, message, verify):
    """The KMS's signature holds here and there, and an altered one nowhere."""
    signature = kms.sign(KeyId=key, Message=message, SigningAlgorithm=algorithm)["Signature"]
    verify(public_key(key), signature)
    assert kms.verify(KeyId=key, Message=message, Signature=signature, SigningAlgorithm=algorithm)["SignatureValid"] is True
    altered = {"KeyId": key, "Message": message + b".", "Signature": signature, "SigningAlgorithm": algorithm}
    kms.verify(**altered, refused="KMSInvalidSignatureException")


def codes():
    for bits, hashing in [("224", hashes.SHA224), ("256", hashes.SHA256), ("384", hashes.SHA384), ("512", hashes.SHA512)]:
        material = os.urandom(hashing.digest_size)
        key = imported(make(f"HMAC_{bits}", "GENERATE_VERIFY_MAC", Origin="EXTERNAL"), material)
        own = hmac.HMAC(material, hashing())
        own.update(b"message")
        request = {"KeyId": key, "Message": b"message", "MacAlgorithm": f"HMAC_SHA_{bits}"}
        code = kms.generate_mac(**request)["Mac"]
        assert code == own.finalize()
        assert kms.verify_mac(**request, Mac=code)["MacValid"] is True
        kms.verify_mac(**request, Mac=bytes([code[0] ^ 1]) + code[1:], refused="KMSInvalidMacException")


def agreement():
    for spec, curve in [("ECC_NIST_P256", ec.SECP256R1), ("ECC_NIST_P384", ec.SECP384R1), ("ECC_NIST_P521", ec.SECP521R1)]:
        key, own = make(spec, "KEY_AGREEMENT"), ec.generate_private_key(curve())
        peer = own.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        shared = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=peer)["SharedSecret"]
        assert shared == own.exchange(ec.ECDH(), public_key(key)), spec
    for spec in ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"]:
        key = make(spec, "ENCAPSULATE_DECAPSULATE")
        made = kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
        request = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
        opened = kms.decapsulate(**request, SharedSecretCiphertextBlob=made["SharedSecretCiphertextBlob"])
        assert opened["SharedSecret"] == made["SharedSecret"] and len(made["SharedSecret"]) == 32, spec
        if spec != "ML_KEM_512":  # which `cryptography` lacks
            shared, blob = public_key(key).encapsulate()
            assert kms.decapsulate(**request, SharedSecretCiphertextBlob=blob)["SharedSecret"] == shared, spec


def wrap(parameters, algorithm, material):
    """Wraps key material as AWS's guide tells."""
    public = serialization.load_der_public_key(parameters["PublicKey"])
    hashing = hashes.SHA1 if algorithm.endswith("_1") else hashes.SHA256
    oaep = padding.OAEP(padding.MGF1(hashing()), hashing(), None)
    if algorithm == "RSAES_PKCS1_V1_5":
        return public.encrypt(material, padding.PKCS1v15())
    if algorithm.startswith("RSAES_OAEP"):
        return public.encrypt(material, oaep)
    key = os.urandom(32)
    return public.encrypt(key, oaep) + keywrap.aes_key_wrap_with_padding(key, material)


def imported(key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", **more):
    parameters = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    more = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", **more}
    wrapped = wrap(parameters, algorithm, material)
    kms.import_key_material(KeyId=key, ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=wrapped, **more)
    return key


def imports():
    material = os.urandom(32)
    for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSAES_PKCS1_V1_5"]:
        for spec in ["RSA_2048", "RSA_3072", "RSA_4096"] if algorithm.endswith("OAEP_SHA_256") else ["RSA_2048"]:
            key = make(Origin="EXTERNAL")
            kms.encrypt(KeyId=key, Plaintext=b"x", refused="KMSInvalidStateException")
            imported(key, material, algorithm, spec)
            sealed = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
            kms.delete_imported_key_material(KeyId=key)
            kms.decrypt(CiphertextBlob=sealed, refused="KMSInvalidStateException")
            imported(key, material, algorithm, spec)
            assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"kept", algorithm
    private = ec.generate_private_key(ec.SECP384R1())
    der = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for algorithm in ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"]:
        key = imported(make("ECC_NIST_P384", "SIGN_VERIFY", Origin="EXTERNAL"), der, algorithm)
        check(key, "ECDSA_SHA_384", b"m", lambda _, signature: private.public_key().verify(signature, b"m", ec.ECDSA(hashes.SHA384())))
    private = rsa.generate_private_key(65537, 3072)
    der = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key = imported(make("RSA_3072", "ENCRYPT_DECRYPT", Origin="EXTERNAL"), der, "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")["CiphertextBlob"]
    assert private.decrypt(sealed, oaep) == b"x"


def grants():
    key = make()
    request = {"KeyId": key, "GranteePrincipal": BOB, "Operations": ["Decrypt", "RetireGrant"], "RetiringPrincipal": BOB}
    constraints = {"EncryptionContextSubset": {"tenant": "42"}}
    granted = kms.create_grant(**request, Name="reader", Constraints=constraints)
    again = kms.create_grant(**request, Name="reader", Constraints=constraints)
    assert again["GrantId"] == granted["GrantId"] and again["GrantToken"] != granted["GrantToken"]
    assert [grant["Name"] for grant in kms.list_grants(KeyId=key)["Grants"]] == ["reader"]
    kms.create_grant(**request)
    assert kms.list_retirable_grants(RetiringPrincipal=BOB)["Grants"]
    kms.retire_grant(GrantToken=granted["GrantToken"])
    (left,) = kms.list_grants(KeyId=key)["Grants"]
    kms.revoke_grant(KeyId=key, GrantId=left["GrantId"])
    assert kms.list_grants(KeyId=key)["Grants"] == []


def rotation_and_states():
    key = make()
    sealed = kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 90
    kms.disable_key_rotation(KeyId=key)
    kms.rotate_key_on_demand(KeyId=key)
    assert [entry["RotationType"] for entry in kms.list_key_rotations(KeyId=key)["Rotations"]] == ["ON_DEMAND"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"before"
    kms.disable_key(KeyId=key)
    kms.decrypt(CiphertextBlob=sealed, refused="DisabledException")
    kms.enable_key(KeyId=key)
    assert kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyState"] == "PendingDeletion"
    kms.decrypt(CiphertextBlob=sealed, refused="KMSInvalidStateException")
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    control("clock", b'{"advance_seconds": 700000}')
    kms.decrypt(CiphertextBlob=sealed, refused="AccessDeniedException")  # destroyed: nothing opens it any more
    kms.describe_key(KeyId=key, refused="NotFoundException")


def control(name, body):
    request = urllib.request.Request(f"{ENDPOINT}/_waxseal/{name}", body, {"content-type": "application/json"}, method="POST")
    with urllib.request.urlopen(request) as response:
        assert response.status == 200


def regions():
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    assert "mrk-" in primary
    sealed = kms.encrypt(KeyId=primary, Plaintext=b"everywhere")["CiphertextBlob"]
    replica = kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]["Arn"]
    europe = Client("eu-west-1")
    assert europe.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"everywhere"
    kms.update_primary_region(KeyId=primary, PrimaryRegion="eu-west-1")
    configuration = europe.describe_key(KeyId=replica)["KeyMetadata"]["MultiRegionConfiguration"]
    assert configuration["MultiRegionKeyType"] == "PRIMARY" and configuration["PrimaryKey"]["Arn"] == replica
    assert [entry["Arn"] for entry in configuration["ReplicaKeys"]] == [primary]


def main():
    parts = [keys_and_their_names, envelopes, rsa_encryption, signatures, codes, agreement, imports, grants, regions, rotation_and_states]
    for part in parts:
        part()
    print("\n".join(sorted(called)))


if __name__ == "__main__":
    main()
