//! A KMS of one's own: any service that can keep a key is one, once it has these three calls. This one is a vault in memory, which keeps each data key
//! with its encryption context and gives out the number of its place.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use waxseal::{Client, DecryptOptions, EncryptOptions, KmsKeyring};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::{Kms, KmsError};
use zeroize::Zeroizing;

struct Vault {
    env: Env,
    kept: Mutex<Vec<(EncryptionContext, Zeroizing<Vec<u8>>)>>,
}

impl Vault {
    fn keep(&self, context: EncryptionContext, key: Zeroizing<Vec<u8>>) -> Blob {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((context, key));
        Blob((kept.len() - 1).to_string().into_bytes())
    }

    fn find(&self, place: &[u8], context: &EncryptionContext) -> Option<Zeroizing<Vec<u8>>> {
        let place: usize = str::from_utf8(place).ok()?.parse().ok()?;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(place).filter(|(its_own, _)| its_own == context).map(|(_, key)| key.clone())
    }
}

impl Kms for Vault {
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async move {
            // The keyring says how many bytes: as many as the suite's data keys have.
            let mut key = Zeroizing::new(vec![0; request.number_of_bytes.unwrap_or_default() as usize]);
            self.env.fill(&mut key).map_err(|error| KmsError::Unavailable { reason: error.to_string() })?;
            let ciphertext_blob = self.keep(request.encryption_context, key.clone());
            Ok(GenerateDataKeyResponse { ciphertext_blob, plaintext: SecretBlob(key), key_id: KEY.into(), key_material_id: None })
        })
    }

    fn encrypt<'a>(&'a self, request: EncryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async move {
            let ciphertext_blob = self.keep(request.encryption_context, request.plaintext.0);
            Ok(EncryptResponse { ciphertext_blob, key_id: KEY.into(), encryption_algorithm: None })
        })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move {
            let key = self.find(&request.ciphertext_blob.0, &request.encryption_context).ok_or_else(|| KmsError::Refused {
                code: "InvalidCiphertextException".into(),
                message: Some("no data key is kept there for that encryption context".into()),
                request_id: None,
                retryable: false,
            })?;
            Ok(DecryptResponse { plaintext: SecretBlob(key), key_id: KEY.into(), key_material_id: None, encryption_algorithm: None })
        })
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let (env, observer) = (Env::system(), Observer::none());
    let open_vault = || Arc::new(Vault { env: env.clone(), kept: Mutex::default() });
    let client = Client::new(env.clone(), Arc::new(KmsKeyring::new(open_vault(), KEY)?));
    let options = EncryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
    let message = pollster::block_on(client.encrypt(b"top secret", &options, &observer))?;
    let decrypted = pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), &observer))?;
    assert_eq!(decrypted.plaintext, b"top secret");

    // A vault that does not have the key refuses, and its refusal keeps its name.
    let stranger = Client::new(env.clone(), Arc::new(KmsKeyring::new(open_vault(), KEY)?));
    let error = pollster::block_on(stranger.decrypt(&message, &DecryptOptions::default(), &observer)).unwrap_err();
    println!("{}: {error}", error.code());
    assert_eq!(error.kms_code(), Some("InvalidCiphertextException"));
    Ok(())
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
