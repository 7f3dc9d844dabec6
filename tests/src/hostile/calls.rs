//! Calls: any operations with any bodies, one after the other, from somebody who may do everything.

use waxseal_kms_api::operation::Operation;

use super::world::{WORLD, post};

/// A line is a call: an operation's name, then its body. The names of what there is are filled in.
pub fn calls(data: &[u8]) {
    let front = WORLD.front();
    for line in data.split(|byte| *byte == b'\n').take(MAX_CALLS) {
        let (name, body) = line.iter().position(|byte| *byte == b' ').map_or((line, &[][..]), |space| line.split_at(space));
        let Some(operation) = operation(name) else { continue };
        let request = front.sign(post(operation.name(), WORLD.filled_in(body))).expect("it can be signed");
        front.send(&request);
    }
}

/// The operation of that name; any other name stands for some operation.
fn operation(name: &[u8]) -> Option<Operation> {
    let by_name = std::str::from_utf8(name).ok().and_then(Operation::from_name);
    by_name.or_else(|| Operation::ALL.get(usize::from(*name.first()?) % Operation::ALL.len()).copied())
}

/// Enough for one call to make what the next one needs.
const MAX_CALLS: usize = 6;
