//! Small pictures of the interface. The things of the stage are in `stage::art`.

use yew::prelude::*;

/// Yes.
pub fn tick() -> Html {
    outline("M3.5 8.5l3 3.2 6-7")
}

/// No.
pub fn cross() -> Html {
    outline("M4 4l8 8M12 4l-8 8")
}

/// Start playing.
pub fn play() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 2.5v11l9-5.5z" fill="currentColor" /></svg> }
}

/// Stop playing.
pub fn pause() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 2.5h3v11H4zM9 2.5h3v11H9z" fill="currentColor" /></svg> }
}

/// One step back.
pub fn back() -> Html {
    outline("M10 3L5 8l5 5")
}

/// One step on.
pub fn next() -> Html {
    outline("M6 3l5 5-5 5")
}

/// To the beginning.
pub fn first() -> Html {
    outline("M12 3L7 8l5 5M4 3v10")
}

/// It opens.
pub fn chevron() -> Html {
    outline("M4 6l4 4 4-4")
}

/// From one state to another.
pub fn arrow() -> Html {
    outline("M2 8h11M9 4l4 4-4 4")
}

/// It failed.
pub fn stop() -> Html {
    html! {
        <svg viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="6.8" fill="none" stroke="currentColor" stroke-width="1.6" />
            <path d="M5.5 5.5l5 5M10.5 5.5l-5 5" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />
        </svg>
    }
}

/// Allowed.
pub fn allowed() -> Html {
    html! {
        <svg viewBox="0 0 26 26" aria-hidden="true">
            <circle cx="13" cy="13" r="12" fill="currentColor" />
            <path class="on-badge" d="M7 13l4 5 8-9" />
        </svg>
    }
}

/// Denied.
pub fn denied() -> Html {
    html! {
        <svg viewBox="0 0 26 26" aria-hidden="true">
            <circle cx="13" cy="13" r="12" fill="currentColor" />
            <path class="on-badge" d="M8.5 8.5l9 9M17.5 8.5l-9 9" />
        </svg>
    }
}

/// The light theme.
pub fn sun() -> Html {
    outline("M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9L13 13M13 3l-1.1 1.1M4.1 11.9L3 13M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z")
}

/// The dark theme.
pub fn moon() -> Html {
    outline("M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z")
}

/// The product's seal.
pub fn seal() -> Html {
    html! { <img class="seal" src="./icon.svg" width="24" height="24" alt="" /> }
}

fn outline(path: &'static str) -> Html {
    html! {
        <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d={path} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}
