//! Calls: any operations with any bodies, one after the other, from somebody who may do everything.

use base64ct::{Base64, Encoding};
use waxseal_kms_api::operation::Operation;

use super::world::{WORLD, World, post};

/// A line is a call: an operation's name, then its body. In the body `$KEY`, `$BLOB`, `$GRANT` and `$TOKEN` stand for what there is.
pub fn calls(data: &[u8]) {
    let front = WORLD.front();
    for line in data.split(|byte| *byte == b'\n').take(MAX_CALLS) {
        let (name, body) = line.iter().position(|byte| *byte == b' ').map_or((line, &[][..]), |space| line.split_at(space));
        let Some(operation) = operation(name) else { continue };
        let request = front.sign(post(operation.name(), filled_in(body, &WORLD))).expect("it can be signed");
        front.send(&request);
    }
}

/// The operation of that name; any other name stands for some operation.
fn operation(name: &[u8]) -> Option<Operation> {
    let by_name = std::str::from_utf8(name).ok().and_then(Operation::from_name);
    by_name.or_else(|| Operation::ALL.get(usize::from(*name.first()?) % Operation::ALL.len()).copied())
}

fn filled_in(body: &[u8], world: &World) -> Vec<u8> {
    let blob = Base64::encode_string(&world.blob);
    let names = [("$KEY", &world.key), ("$BLOB", &blob), ("$GRANT", &world.grant_id), ("$TOKEN", &world.token)];
    let mut filled = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        match names.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
            Some((name, value)) => {
                filled.extend_from_slice(value.as_bytes());
                rest = &rest[name.len()..];
            }
            None => {
                filled.push(*first);
                rest = after;
            }
        }
    }
    filled
}

/// Enough for one call to make what the next one needs.
const MAX_CALLS: usize = 6;
