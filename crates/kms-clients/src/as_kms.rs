//! How a client is a [`Kms`](waxseal_kms_api::kms::Kms): by its three calls, whose errors become those of any KMS.

/// For a client with `make`, `seal` and `open`, which get no request that they would carry out only in part.
macro_rules! as_kms {
    ($client:ident, $dry_runs:expr) => {
        /// The calls of a [`Kms`](waxseal_kms_api::kms::Kms), with the errors of this crate.
        impl $client {
            /// A random data key, in the clear and wrapped.
            pub async fn generate_data_key(
                &self,
                request: GenerateDataKeyRequest,
                observer: &Observer,
            ) -> Result<GenerateDataKeyResponse, ClientError> {
                $crate::check::check_askable(&request, $dry_runs)?;
                self.make(request, observer).await
            }

            /// Encrypts a few bytes.
            pub async fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
                $crate::check::check_askable(&request, $dry_runs)?;
                self.seal(request).await
            }

            /// Decrypts what the other two made.
            pub async fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
                $crate::check::check_askable(&request, $dry_runs)?;
                self.open(request).await
            }
        }

        impl waxseal_kms_api::kms::Kms for $client {
            fn generate_data_key<'a>(
                &'a self,
                request: GenerateDataKeyRequest,
                observer: &'a Observer,
            ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
                Box::pin(async move { Ok($client::generate_data_key(self, request, observer).await?) })
            }

            fn encrypt<'a>(&'a self, request: EncryptRequest, _: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
                Box::pin(async move { Ok($client::encrypt(self, request).await?) })
            }

            fn decrypt<'a>(&'a self, request: DecryptRequest, _: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
                Box::pin(async move { Ok($client::decrypt(self, request).await?) })
            }
        }

        impl std::fmt::Debug for $client {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($client)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use as_kms;
