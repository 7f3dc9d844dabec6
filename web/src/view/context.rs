//! What every view gets: the state to read and the way to send actions.

use std::ops::Deref;
use std::rc::Rc;

use yew::prelude::*;

use crate::model::state::{Action, State};

/// The model's state as Yew's reducer has it. The revision stands for the state in comparisons, which would else walk whole traces.
pub struct Model {
    state: State,
    revision: u64,
}

impl Model {
    /// The state a visit begins with.
    pub fn new(state: State) -> Self {
        Self { state, revision: 0 }
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision
    }
}

impl Reducible for Model {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(Self { state: self.state.reduce(&action), revision: self.revision.wrapping_add(1) })
    }
}

/// The state, and where actions go. It reads like the state.
#[derive(Clone, PartialEq)]
pub struct Context(
    /// Yew's handle.
    pub UseReducerHandle<Model>,
);

impl Deref for Context {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.state
    }
}

impl Context {
    /// Sends an action whenever something happens.
    pub fn on<E: 'static>(&self, action: Action) -> Callback<E> {
        let dispatcher = self.0.dispatcher();
        Callback::from(move |_| dispatcher.dispatch(action.clone()))
    }
}

/// The properties of a component that needs nothing else.
#[derive(Clone, PartialEq, Properties)]
pub struct ContextProps {
    /// The context.
    pub context: Context,
}
