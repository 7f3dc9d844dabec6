//! Makes the change that a script asks for, and then mends what it asks to mend: Dana through the KMS, Eve on the disk.

use std::rc::Rc;

use waxseal_base::observer::Observer;

use super::{CONTEXT_KEY, Run, text};
use crate::model::act::ActKind;
use crate::model::change::{Change, Fix};
use crate::model::document::Document;
use crate::model::people::Person;
use crate::model::tamper;

impl Run {
    /// Makes the change and then the fixes, as an act of its own if there is anything to see.
    pub(super) async fn change(&mut self) -> Result<(), String> {
        let begin = self.trace.events().len();
        let observer = self.observer.clone();
        if let Some(change) = self.script.change {
            self.apply(change, &observer).await?;
        }
        for fix in self.script.fixes.clone() {
            match fix {
                Fix::AllowInPolicy(person) => self.world.change_policy(|policy| policy.further.push(person), &observer)?,
                Fix::GiveGrant(person) => self.world.give_grant(person, &observer)?,
                Fix::RemoveDeny => self.world.change_policy(|policy| policy.deny_bob = false, &observer)?,
                Fix::EnableKey => self.world.enable_key(&observer)?,
            }
        }
        self.end_act(ActKind::Change, begin);
        Ok(())
    }

    async fn apply(&mut self, change: Change, observer: &Observer) -> Result<(), String> {
        let document = self.script.document.clone();
        match change {
            Change::DisableKey => self.world.disable_key(observer),
            Change::AddDeny => self.world.change_policy(|policy| policy.deny_bob = true, observer),
            Change::RevokeBob => self.world.change_policy(|policy| policy.bob = false, observer),
            Change::GrantInstead => {
                self.world.change_policy(|policy| policy.bob = false, observer)?;
                self.world.give_grant(Person::Bob, observer)
            }
            Change::AlterContext => {
                let other = Document { name: OTHER_NAME.into(), ..document.clone() };
                let altered = tamper::with_other_context(&self.store.take(&document.name)?, CONTEXT_KEY, &other.object_arn())?;
                self.put_back(&document, altered, observer)
            }
            Change::FlipCiphertextByte => {
                let altered = tamper::with_flipped_bit(&self.store.take(&document.name)?)?;
                self.put_back(&document, altered, observer)
            }
            Change::SwapDataKey => {
                let other = Document { name: OTHER_NAME.into(), bytes: Rc::from(*OTHER_TEXT), is_own: false };
                let other = self.encrypt(&self.world.asked_through_store(Person::Bob)?, &other, &Observer::none()).await.map_err(text)?;
                let altered = tamper::with_data_key_of(&self.store.take(&document.name)?, &other)?;
                self.put_back(&document, altered, observer)
            }
            // Nothing is altered: what changes is who has the disk, and that is the act itself.
            Change::StealDiskAsEve => Ok(()),
        }
    }

    fn put_back(&mut self, document: &Document, message: Vec<u8>, observer: &Observer) -> Result<(), String> {
        self.store.write(&document.name, message, observer);
        Ok(())
    }
}

const OTHER_NAME: &str = "another.txt";
const OTHER_TEXT: &[u8; 29] = b"Another document, by Bob too.";
