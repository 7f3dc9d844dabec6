//! The Code tab: how one does a step with waxseal in JavaScript, and with the AWS command line.

use std::fmt::Write;

use super::act::ActKind;
use super::call::Call;
use super::change::{Change, Fix};
use super::people::{BUCKET, Person, Place, STORE_SERVICE};
use super::recording::Recording;
use super::steps::{Step, StepKind};

/// A piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What it is, such as `JavaScript with waxseal`.
    pub title: String,
    /// `js` or `sh`.
    pub language: &'static str,
    /// The code.
    pub code: String,
    /// One sentence about it.
    pub note: String,
}

/// The code of a step.
pub fn snippets(recording: &Recording, step: &Step) -> Vec<Snippet> {
    let Some(act) = recording.act_of(step) else { return Vec::new() };
    let facts = Facts {
        key_arn: recording.keys.first().map_or("", |key| key.arn.as_str()),
        name: &recording.script.document.name,
        object_arn: recording.script.document.object_arn(),
        person: act.person,
        works: act.works,
    };
    match (act.kind, step.kind) {
        (ActKind::Change, _) => changes(&facts, recording),
        (_, StepKind::Upload) => vec![facts.client(), facts.put_object()],
        (_, StepKind::AskDocument | StepKind::Load) => vec![facts.load(), facts.get_object()],
        (_, StepKind::TakeDisk) => vec![facts.load()],
        (_, StepKind::TryAlone) => vec![facts.try_alone()],
        (_, StepKind::StoreBoth) => vec![facts.store(), facts.put_object()],
        (_, StepKind::Deliver) => vec![facts.deliver()],
        (_, StepKind::Refuse | StepKind::Stop) => vec![facts.catch()],
        (ActKind::Upload, _) => vec![facts.encrypt(recording.frame_length), facts.generate_data_key()],
        _ => {
            let call = Call::of(recording, step);
            let context = call.map(|call| call.encryption_context).unwrap_or_default();
            vec![facts.decrypt(), facts.kms_decrypt(&context)]
        }
    }
}

struct Facts<'a> {
    key_arn: &'a str,
    name: &'a str,
    object_arn: String,
    person: Person,
    works: Place,
}

impl Facts<'_> {
    /// The KMS as the person's client reaches it.
    fn kms(&self) -> String {
        match self.works {
            Place::Person => format!("kms.as({:?})", self.person.arn()),
            _ => format!("kms.as({:?}, {{ via: {STORE_SERVICE:?} }})", self.person.arn()),
        }
    }

    fn client(&self) -> Snippet {
        let code = format!(
            "import {{ Client }} from \"waxseal\";\n\n// kms: a LocalKms, or a client of AWS KMS. The store asks on {}'s behalf.\nconst client = new Client({{\n  kms: {},\n  keyId: {:?},\n}});",
            self.person.name(),
            self.kms(),
            self.key_arn
        );
        js(code, "A client is made once; it holds no key, only whom to ask.")
    }

    fn encrypt(&self, frame_length: u32) -> Snippet {
        let default = waxseal::Client::DEFAULT_FRAME_LENGTH;
        let option = if frame_length == default {
            String::new()
        } else {
            format!("  frameLength: {frame_length}, // {default} if you do not say\n")
        };
        let code = format!(
            "const client = new Client({{\n  kms: {},\n  keyId: {:?},\n{option}}});\n\nconst message = await client.encrypt(file, {{\n  encryptionContext: {{ \"aws:s3:arn\": {:?} }},\n}});",
            self.kms(),
            self.key_arn,
            self.object_arn
        );
        js(code, "This one call asks the KMS, encrypts, and wipes the plaintext data key. You never hold a key.")
    }

    fn decrypt(&self) -> Snippet {
        let code = format!(
            "const client = new Client({{\n  kms: {},\n  keyId: {:?},\n}});\n\nconst {{ plaintext }} = await client.decrypt(message);",
            self.kms(),
            self.key_arn
        );
        js(code, "This one call sends the encrypted data key to the KMS, verifies, decrypts, and wipes the data key.")
    }

    fn store(&self) -> Snippet {
        let code = format!("await bucket.put({:?}, message); // the encrypted data key is in the message", self.name);
        js(code, "Keep the message anywhere: it needs no protection but a copy.")
    }

    fn load(&self) -> Snippet {
        js(
            format!("const message = await bucket.get({:?});", self.name),
            "Whoever can read the bytes has ciphertext and an encrypted data key.",
        )
    }

    fn deliver(&self) -> Snippet {
        let code = "const { plaintext } = await client.decrypt(message);\nawait save(plaintext); // a Uint8Array; .text() gives a string";
        js(code.into(), "Nothing is returned before all of the message is verified.")
    }

    fn try_alone(&self) -> Snippet {
        let code = "import { Client, rawAesKeyring } from \"waxseal\";\n\nconst key = crypto.getRandomValues(new Uint8Array(32));\nconst keyring = rawAesKeyring({ namespace: \"eve\", name: \"a key of her own\", key });\nawait new Client({ keyring }).decrypt(message); // throws: the message is not for this keyring";
        js(code.into(), "The message names the key that wrapped its data key. This one is another.")
    }

    fn catch(&self) -> Snippet {
        let code = "import { isDecryptionFailed, isKmsDenied } from \"waxseal\";\n\ntry {\n  await client.decrypt(message);\n} catch (error) {\n  if (isKmsDenied(error)) console.log(error.kmsCode); // such as AccessDeniedException\n  else if (isDecryptionFailed(error)) console.log(\"altered, or for another key\"); // on purpose no more than that\n  else throw error;\n}";
        js(code.into(), "Your program learns that it failed and who said no. Why decryption failed, it does not learn, and should not.")
    }

    fn put_object(&self) -> Snippet {
        let code = format!(
            "aws s3api put-object --bucket {BUCKET} --key {0} --body {0} \\\n  --server-side-encryption aws:kms --ssekms-key-id {1}",
            quoted(self.name),
            self.key_arn
        );
        sh(code, "Amazon S3 then does the steps of this lesson on its side.")
    }

    fn get_object(&self) -> Snippet {
        let code = format!("aws s3api get-object --bucket {BUCKET} --key {0} {0}", quoted(self.name));
        sh(code, "Amazon S3 decrypts on its side, if the caller may use the key.")
    }

    fn generate_data_key(&self) -> Snippet {
        let code = format!(
            "aws kms generate-data-key --key-id {} \\\n  --number-of-bytes 32 \\\n  --encryption-context {}",
            self.key_arn,
            quoted(&format!("{{\"aws:s3:arn\":{:?}}}", self.object_arn))
        );
        sh(code, "Answers with Plaintext and CiphertextBlob: the data key twice.")
    }

    fn kms_decrypt(&self, context: &std::collections::BTreeMap<String, String>) -> Snippet {
        let context = serde_json::to_string(context).unwrap_or_default();
        let code = format!("aws kms decrypt --ciphertext-blob fileb://encrypted-data-key \\\n  --encryption-context {}", quoted(&context));
        sh(code, "Answers with the plaintext data key. The ciphertext names its KMS key.")
    }

    fn put_policy(&self, policy: &str) -> [Snippet; 2] {
        let key = self.key_arn;
        let code = format!("await kms.putKeyPolicy({{\n  KeyId: {key:?},\n  Policy: JSON.stringify({}),\n}});", indented(policy));
        let cli = format!("aws kms put-key-policy --key-id {key} --policy-name default --policy file://policy.json");
        [
            js(code, "The whole policy is replaced; there is no way to change a part of it."),
            sh(cli, "policy.json holds the whole new policy."),
        ]
    }

    fn create_grant(&self, person: Person) -> [Snippet; 2] {
        let (key, arn) = (self.key_arn, person.arn());
        let code = format!(
            "await kms.createGrant({{\n  KeyId: {key:?},\n  GranteePrincipal: {arn:?},\n  Operations: [\"GenerateDataKey\", \"Decrypt\"],\n}});"
        );
        let cli = format!("aws kms create-grant --key-id {key} \\\n  --grantee-principal {arn} \\\n  --operations GenerateDataKey Decrypt");
        [
            js(code, "A grant stands beside the policy and can be taken back alone."),
            sh(cli, "Answers with the grant's id, to take it back with."),
        ]
    }

    fn set_state(&self, call: &str, command: &str, note: &str) -> [Snippet; 2] {
        let key = self.key_arn;
        [js(format!("await kms.{call}({{ KeyId: {key:?} }});"), note), sh(format!("aws kms {command} --key-id {key}"), note)]
    }
}

fn changes(facts: &Facts<'_>, recording: &Recording) -> Vec<Snippet> {
    let policy = &recording.key_policy;
    let mut snippets: Vec<Snippet> = Vec::new();
    match recording.script.change {
        Some(Change::DisableKey) => {
            snippets.extend(facts.set_state("disableKey", "disable-key", "Nothing can be done with the key until it is enabled again."))
        }
        Some(Change::AddDeny | Change::RevokeBob) => snippets.extend(facts.put_policy(policy)),
        Some(Change::GrantInstead) => snippets.extend(facts.put_policy(policy).into_iter().chain(facts.create_grant(Person::Bob))),
        Some(Change::FlipCiphertextByte) => snippets.push(js("message[somewhere] ^= 1;".into(), "No key is needed to break something.")),
        Some(Change::AlterContext | Change::SwapDataKey) => {
            let note = "No key is needed to write other bytes into a file.";
            snippets.push(js("message.set(otherBytes, placeInTheHeader);".into(), note));
        }
        Some(Change::StealDiskAsEve) | None => {}
    }
    for fix in &recording.script.fixes {
        match fix {
            Fix::AllowInPolicy(_) | Fix::RemoveDeny => snippets.extend(facts.put_policy(policy)),
            Fix::GiveGrant(person) => snippets.extend(facts.create_grant(*person)),
            Fix::EnableKey => snippets.extend(facts.set_state("enableKey", "enable-key", "The key is as it was.")),
        }
    }
    snippets
}

fn js(code: String, note: &str) -> Snippet {
    Snippet { title: "JavaScript with waxseal".into(), language: "js", code, note: note.into() }
}

fn sh(code: String, note: &str) -> Snippet {
    Snippet { title: "AWS command line".into(), language: "sh", code, note: note.into() }
}

/// Text as one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:".contains(c));
    if is_plain { text.into() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A text of several lines, set in by two spaces from the second line on.
fn indented(text: &str) -> String {
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        // Writing to a string does not fail.
        let _ = write!(out, "\n  {line}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_a_shell() {
        for (name, word) in [("contract.txt", "contract.txt"), ("my file", "'my file'"), ("it's", r"'it'\''s'"), ("", "''")] {
            assert_eq!(quoted(name), word);
        }
    }
}
