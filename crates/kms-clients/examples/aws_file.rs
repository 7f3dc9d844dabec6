//! Encrypts a file under a key of AWS KMS and decrypts it again: `aws_file KEY_ARN FILE`, with AWS's variables (`AWS_ACCESS_KEY_ID`, …) in the environment. For
//! AWS itself, which is asked by https, an application has `reqwest` with its feature `rustls` among its dependencies.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use waxseal::{Client, DecryptOptions, EncryptOptions, KmsKeyring};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_kms_clients::{AwsKms, AwsOptions, Host, ReqwestHttp, TokioTimer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [key_arn, file] = arguments.as_slice() else { return Err("usage: aws_file KEY_ARN FILE".into()) };
    let options = AwsOptions::from_variables(|name| std::env::var(name).ok())?;
    let [sealed, opened] = ["sealed", "opened"].map(|ending| format!("{file}.{ending}"));
    let client = client(options, key_arn)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        seal(&client, file.as_ref(), sealed.as_ref()).await?;
        open(&client, sealed.as_ref(), opened.as_ref()).await
    })?;
    println!("{sealed} is a message; {opened} is what was in it");
    Ok(())
}

/// A client under that key, whose ARN says where it is.
pub(crate) fn client(options: AwsOptions, key_arn: &str) -> Result<Client, Box<dyn Error>> {
    let env = Env::system();
    let http = ReqwestHttp::new(reqwest::Client::builder()).map_err(|error| format!("there is no HTTP: {error:?}"))?;
    let host = Host { http: Arc::new(http), timer: Arc::new(TokioTimer), env: env.clone() };
    let keyring = KmsKeyring::new(Arc::new(AwsKms::new(&host, options)?), key_arn)?;
    Ok(Client::new(env, Arc::new(keyring)))
}

pub(crate) async fn seal(client: &Client, from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut plaintext = File::open(from)?;
    let options = EncryptOptions {
        encryption_context: [("purpose", "backup")].into_iter().collect(),
        plaintext_len: Some(plaintext.metadata()?.len()),
        ..Default::default()
    };
    let mut writer = client.encrypt_to(File::create(to)?, &options, &Observer::none()).await?;
    io::copy(&mut plaintext, &mut writer)?;
    writer.finish()?.sync_all()?;
    Ok(())
}

pub(crate) async fn open(client: &Client, from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let options = DecryptOptions { encryption_context: [("purpose", "backup")].into_iter().collect(), ..Default::default() };
    let mut reader = client.decrypt_from(File::open(from)?, &options, &Observer::none()).await?;
    if let Err(error) = io::copy(&mut reader, &mut File::create(to)?) {
        // A part of the plaintext is not the plaintext.
        std::fs::remove_file(to)?;
        return Err(error.into());
    }
    Ok(())
}
