//! What is on the screen: functions of the model's state that send its actions. Nothing here decides anything about envelope encryption.

mod app;
mod browser;
mod context;
mod deck;
mod document;
mod effects;
mod format;
mod help;
mod icons;
mod menu;
mod prediction;
mod say;
mod side;
mod stage;
mod tabs;
mod top;

pub use app::App;
