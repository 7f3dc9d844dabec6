//! What stands for the observer in a build without the feature `trace`: nobody can listen, so what would be told compiles to nothing.

use crate::event::{Actor, Kind, SecretView, Span};
use crate::observer::ROOT;

/// Tells nobody: this build has no trace.
#[derive(Clone, Debug)]
pub struct Observer(());

impl Observer {
    /// An observer nobody listens to.
    pub fn none() -> Self {
        Self(())
    }

    /// The same observer.
    #[must_use]
    pub fn acting_as(&self, _by: Actor) -> Self {
        self.clone()
    }

    /// The same observer.
    #[must_use]
    pub fn nested(&self) -> Self {
        self.clone()
    }

    /// The trace itself, which there is none of.
    pub fn span(&self) -> Span {
        ROOT
    }

    /// The same observer.
    #[must_use]
    pub fn within(&self, _span: Span) -> Self {
        self.clone()
    }

    /// False.
    pub fn is_listening(&self) -> bool {
        false
    }

    /// Does not run the closure.
    pub fn emit(&self, _kind: impl FnOnce(&Witness) -> Kind) {}

    pub(crate) fn identify(&self, _secret: &[u8]) -> Option<SecretView> {
        None
    }
}

/// Nobody.
pub enum Witness {}

impl Witness {
    /// Is never called.
    pub fn secret(&self, _secret: &[u8]) -> SecretView {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told() {
        Observer::none().nested().emit(|_| panic!("the closure of an observer without a trace ran"));
    }
}
