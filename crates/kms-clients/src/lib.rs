//! Clients of remote KMS. Each implements [`Kms`](waxseal_kms_api::kms::Kms), so that keyrings of crate `waxseal` work over any of them.
//!
//! If your keys are
//! * in AWS KMS, use [`AwsKms`]; the key's ARN says the region;
//! * in Google Cloud KMS, use [`GcpKms`];
//! * in Azure Key Vault or a Managed HSM, use [`AzureKms`], and read what it says of encryption contexts;
//! * in Transit of HashiCorp Vault or OpenBao, use [`VaultKms`];
//! * in any of these, but not the credentials, use [`BrokerKms`] and a server that has them.
//!
//! They do exactly what the entries `waxseal/aws`, `waxseal/gcp`, `waxseal/azure`, `waxseal/vault` and `waxseal/broker` of the npm package do: the same
//! requests, byte by byte, the same provider ids and infos in messages, the same wrapped keys. What one wrote, the other opens.
//!
//! Nothing here does I/O: a [`Host`] sends requests, waits, and has the clock and the randomness. With feature `reqwest`, `ReqwestHttp` and `TokioTimer`
//! are the outside of a program with tokio. In wasm, `getrandom` needs its feature `wasm_js`, which is the program's to turn on. Limits on time and tries are in [`Limits`]; dropping the future of a call ends it at once.
//!
//! [`AwsKms`] has `re_encrypt` and `describe_key` besides. What can not be done in whole is refused: `dry_run` by all but [`AwsKms`], `recipient` by all.
//!
//! Errors are [`ClientError`]s of one vocabulary, which keyrings see as any KMS's. Credentials, tokens and data keys are wiped when dropped and are never
//! in an error or an event; what the host's HTTP client copies is its own.
//!
//! ```
//! use waxseal_kms_clients::{ClientError, GcpKms, GcpOptions, Host, Provided, Source, Token};
//!
//! fn client(host: &Host) -> Result<GcpKms, ClientError> {
//!     let token = Token::new("ya29.an-access-token".to_owned())?; // or a `Source::Provider`, which is asked when one is needed
//!     GcpKms::new(host, GcpOptions::new(Source::Fixed(Provided::always(token))))
//! }
//!
//! // What a keyring for messages takes, beside the client.
//! let key = GcpKms::key("projects/p/locations/global/keyRings/r/cryptoKeys/documents")?;
//! assert_eq!(key.provider_id, "waxseal-gcp-kms");
//! # Ok::<(), ClientError>(())
//! ```
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod address;
mod as_kms;
mod aws;
mod azure;
mod broker;
mod check;
mod error;
mod gcp;
mod http;
mod json;
mod own_data_key;
mod renewed;
#[cfg(all(feature = "reqwest", not(target_family = "wasm")))]
mod reqwest_host;
#[cfg(test)]
mod testing;
mod token_client;
mod transport;
mod vault;

pub use aws::{AwsKms, AwsOptions};
pub use azure::{Algorithm, AzureKms, AzureOptions};
pub use broker::{BrokerKms, BrokerOptions};
pub use error::{ClientError, Kind};
pub use gcp::{GcpKms, GcpOptions};
pub use http::{Host, Http, HttpError, HttpRequest, HttpResponse, MAX_ANSWER_LEN, Timer};
pub use renewed::{Good, Provided, Provider, ProviderError, Source, Token};
#[cfg(all(feature = "reqwest", not(target_family = "wasm")))]
pub use reqwest_host::{ReqwestHttp, TokioTimer};
pub use transport::Limits;
pub use vault::{VaultKms, VaultOptions};
