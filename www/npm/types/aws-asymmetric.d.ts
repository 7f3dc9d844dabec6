// The shapes of AWS KMS's calls about keys that sign, authenticate and agree on secrets, and about data key pairs.

import type { EncryptionContext, RecipientInfo } from "./aws.js";
import type { EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, Origin, SigningAlgorithm } from "./aws-words.js";

/** Uses a key; what every such request has. */
export interface UseKeyRequest {
  /** The key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
  /** Only check whether it would be allowed, and throw `DryRunOperationException` if so; default `false`. */
  DryRun?: boolean | undefined;
}

/** Signs. */
export interface SignRequest extends UseKeyRequest {
  /** 1 to 4096 bytes, or the digest of more. */
  Message: Uint8Array;
  /** `RAW`: it is the message. `DIGEST`: it is its digest. `EXTERNAL_MU`: it is ML-DSA's 64-byte representative. Default `RAW`. */
  MessageType?: "RAW" | "DIGEST" | "EXTERNAL_MU" | undefined;
  /** One that the key can do. */
  SigningAlgorithm: SigningAlgorithm;
}

/** A signature. */
export interface SignResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** DER for ECDSA; else as the algorithm's standard has it. */
  Signature: Uint8Array;
  /** How it was signed. */
  SigningAlgorithm: SigningAlgorithm;
}

/** Checks a signature. */
export interface VerifyRequest extends SignRequest {
  /** The signature. */
  Signature: Uint8Array;
}

/** That a signature is right; a wrong one is a `KMSInvalidSignatureException`. */
export interface VerifyResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** `true`. */
  SignatureValid: boolean;
  /** How it was signed. */
  SigningAlgorithm: SigningAlgorithm;
}

/** Asks for the public half of a key. */
export interface GetPublicKeyRequest {
  /** The key: id, ARN, alias name or alias ARN. */
  KeyId: string;
  /** Tokens of grants; default: none. */
  GrantTokens?: string[] | undefined;
}

/** The public half of a key. */
export interface GetPublicKeyResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** DER of its SubjectPublicKeyInfo. */
  PublicKey: Uint8Array;
  /** What the key is made of. */
  KeySpec: KeySpec;
  /** The older name of `KeySpec`. */
  CustomerMasterKeySpec?: KeySpec | undefined;
  /** What it is for. */
  KeyUsage: KeyUsage;
  /** How it can encrypt, if that is what it is for. */
  EncryptionAlgorithms?: EncryptionAlgorithm[] | undefined;
  /** How it can sign, if that is what it is for. */
  SigningAlgorithms?: SigningAlgorithm[] | undefined;
  /** How it can agree on secrets, if that is what it is for. */
  KeyAgreementAlgorithms?: "ECDH"[] | undefined;
  /** How it can encapsulate secrets, if that is what it is for. */
  EncapsulationAlgorithms?: "ML_KEM"[] | undefined;
}

/** Authenticates. */
export interface GenerateMacRequest extends UseKeyRequest {
  /** 1 to 4096 bytes. */
  Message: Uint8Array;
  /** One that the key can do. */
  MacAlgorithm: MacAlgorithm;
}

/** A message authentication code. */
export interface GenerateMacResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** The code. */
  Mac: Uint8Array;
  /** How it was made. */
  MacAlgorithm: MacAlgorithm;
}

/** Checks a message authentication code. */
export interface VerifyMacRequest extends GenerateMacRequest {
  /** The code. */
  Mac: Uint8Array;
}

/** That a code is right; a wrong one is a `KMSInvalidMacException`. */
export interface VerifyMacResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** `true`. */
  MacValid: boolean;
  /** How it was made. */
  MacAlgorithm: MacAlgorithm;
}

/** What a data key pair is made of. */
export type DataKeyPairSpec =
  | "RSA_2048"
  | "RSA_3072"
  | "RSA_4096"
  | "ECC_NIST_P256"
  | "ECC_NIST_P384"
  | "ECC_NIST_P521"
  | "ECC_NIST_EDWARDS25519"
  | "ECC_SECG_P256K1"
  | "ML_KEM_512"
  | "ML_KEM_768"
  | "ML_KEM_1024"
  | "SM2";

/** Asks for a pair of keys whose private half is wrapped. */
export interface GenerateDataKeyPairWithoutPlaintextRequest extends UseKeyRequest {
  /** What the pair is made of. */
  KeyPairSpec: DataKeyPairSpec;
  /** What the wrapped private half is bound to; default: nothing. */
  EncryptionContext?: EncryptionContext | undefined;
}

/** The same, with the private half in the clear too. */
export interface GenerateDataKeyPairRequest extends GenerateDataKeyPairWithoutPlaintextRequest {
  /** An enclave; refused. */
  Recipient?: RecipientInfo | undefined;
}

/** A pair of keys, its private half wrapped. */
export interface GenerateDataKeyPairWithoutPlaintextResponse {
  /** The private half, wrapped. */
  PrivateKeyCiphertextBlob: Uint8Array;
  /** The public half: DER of its SubjectPublicKeyInfo. */
  PublicKey: Uint8Array;
  /** The ARN of the wrapping key. */
  KeyId: string;
  /** What the pair is made of. */
  KeyPairSpec: DataKeyPairSpec;
  /** The generation of the wrapping key that was used. */
  KeyMaterialId?: string | undefined;
}

/** A pair of keys, its private half twice. */
export interface GenerateDataKeyPairResponse extends GenerateDataKeyPairWithoutPlaintextResponse {
  /** The private half in the clear: DER of PKCS #8. It is yours: use it at once and overwrite it. */
  PrivateKeyPlaintext: Uint8Array;
}

/** Agrees on a secret with whoever has the other key. */
export interface DeriveSharedSecretRequest extends UseKeyRequest {
  /** The only one there is. */
  KeyAgreementAlgorithm: "ECDH";
  /** The other's public key, of the same curve: DER of its SubjectPublicKeyInfo. */
  PublicKey: Uint8Array;
  /** An enclave; refused. */
  Recipient?: RecipientInfo | undefined;
}

/** A secret that two keys agree on. */
export interface DeriveSharedSecretResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** The secret as it is; derive keys from it. It is yours: overwrite it once it is used. */
  SharedSecret: Uint8Array;
  /** How they agreed. */
  KeyAgreementAlgorithm: "ECDH";
  /** Where the key's material came from. */
  KeyOrigin: Origin;
}

/** Makes a secret for whoever may decapsulate with the key. */
export interface EncapsulateRequest extends UseKeyRequest {
  /** The only one there is. */
  EncapsulationAlgorithm: "ML_KEM";
}

/** A secret, twice. */
export interface EncapsulateResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** The secret, 32 bytes. It is yours: overwrite it once it is used. */
  SharedSecret: Uint8Array;
  /** What gives the secret back to `decapsulate`. */
  SharedSecretCiphertextBlob: Uint8Array;
  /** How it was made. */
  EncapsulationAlgorithm: "ML_KEM";
}

/** Gets a secret back. */
export interface DecapsulateRequest extends EncapsulateRequest {
  /** What `encapsulate` made, or anybody with the public key. */
  SharedSecretCiphertextBlob: Uint8Array;
}

/** A secret. */
export interface DecapsulateResponse {
  /** The ARN of the key. */
  KeyId: string;
  /** The secret, 32 bytes. It is yours: overwrite it once it is used. */
  SharedSecret: Uint8Array;
  /** How it was made. */
  EncapsulationAlgorithm: "ML_KEM";
}
