"""The calls of a stranger: boto3 with nothing but an endpoint and credentials in its environment."""

import boto3
from botocore.exceptions import ClientError

kms = boto3.client("kms")
key = kms.create_key(Description="documents")["KeyMetadata"]
key_id = key["Arn"]
kms.create_alias(AliasName="alias/documents", TargetKeyId=key_id)
context = {"tenant": "42"}
sealed = kms.encrypt(KeyId="alias/documents", Plaintext=b"top secret", EncryptionContext=context)
opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
assert (opened["Plaintext"], opened["KeyId"]) == (b"top secret", key_id)
data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
unwrapped = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=context)
assert unwrapped["Plaintext"] == data_key["Plaintext"] and len(data_key["Plaintext"]) == 32
grant = kms.create_grant(KeyId=key_id, GranteePrincipal="arn:aws:iam::111122223333:user/bob", Operations=["Decrypt"])
assert [own["GrantId"] for own in kms.list_grants(KeyId=key_id)["Grants"]] == [grant["GrantId"]]
for _ in range(3):
    kms.create_key()
pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
assert len([entry for page in pages for entry in page["Keys"]]) == 4
try:
    kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"tenant": "43"})
    raise AssertionError("another context opens it")
except kms.exceptions.InvalidCiphertextException:
    pass
kms.disable_key(KeyId=key_id)
try:
    kms.encrypt(KeyId=key_id, Plaintext=b"x")
    raise AssertionError("a disabled key encrypts")
except kms.exceptions.DisabledException as error:
    assert error.response["ResponseMetadata"]["RequestId"], error.response
try:
    boto3.client("kms", aws_secret_access_key="wrong", aws_access_key_id="AKIAIOSFODNN7EXAMPLE").list_keys()
    raise AssertionError("anybody may ask")
except ClientError as error:
    assert error.response["Error"]["Code"] == "UnrecognizedClientException", error
print("ok")
