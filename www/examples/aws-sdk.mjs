// Code that uses AWS's own client, tested without AWS and without a network: the client signs, and the embedded KMS verifies and decides.
import { KMS } from "@aws-sdk/client-kms";
import { LocalKms } from "waxseal/kms";

const local = await LocalKms.open({ storage: "memory" });
/** @param {string} principal */
const client = (principal) =>
  new KMS({ region: "us-east-1", credentials: () => local.credentials(principal), requestHandler: local.requestHandler() });

const root = client("arn:aws:iam::111122223333:root");
const { KeyMetadata } = await root.createKey({ Description: "documents" });
const { CiphertextBlob } = await root.encrypt({ KeyId: KeyMetadata?.Arn, Plaintext: new TextEncoder().encode("top secret") });
const { Plaintext } = await root.decrypt({ CiphertextBlob });
console.log(new TextDecoder().decode(Plaintext));

const bob = client("arn:aws:iam::111122223333:user/bob");
await bob.decrypt({ CiphertextBlob }).catch((error) => console.log(`${error.name}: ${error.message}`));
