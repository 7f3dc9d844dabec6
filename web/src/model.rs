//! What the playground knows, without a page: recordings of real runs, readings of their traces, and a pure reducer. All of it runs
//! natively under test.
//!
//! * [`record`] runs a lesson and gives a [`recording::Recording`];
//! * [`steps`] cuts its trace into steps, [`stage`] reads the picture at a step, [`story`], [`bytes`], [`why`], [`audit`] and [`code`] the tabs;
//! * [`state`] is what is on the screen and what can happen to it, [`link`] its address.

pub mod act;
pub mod audit;
pub mod bytes;
pub mod call;
pub mod change;
pub mod code;
pub mod document;
pub mod lesson;
pub mod link;
pub mod people;
pub mod predictions;
pub mod record;
pub mod recording;
pub mod stage;
pub mod state;
pub mod steps;
mod store;
pub mod story;
mod tamper;
#[cfg(test)]
mod testing;
pub mod why;
mod world;
