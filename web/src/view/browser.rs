//! What the views need from the browser besides elements: the clipboard, downloads, the stored theme, the address.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use waxseal_base::env::Env;
use waxseal_base::time::Timestamp;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, Url};

use crate::model::lesson::Lesson;
use crate::model::state::Theme;

/// The page's clock and randomness.
pub fn env() -> Env {
    Env::with_clock(|| Timestamp::from_millis(js_sys::Date::now() as i64))
}

/// Puts a text on the clipboard; whether that worked.
pub async fn copy(text: &str) -> bool {
    JsFuture::from(gloo::utils::window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Hands bytes to the browser as a file to keep.
pub fn download(name: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let kind = BlobPropertyBag::new();
    kind.set_type("application/octet-stream");
    let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &kind) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    if let Some(link) = gloo::utils::document().create_element("a").ok().and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser has taken the bytes by then; nothing depends on the exact moment.
    gloo::timers::callback::Timeout::new(10_000, move || drop(Url::revoke_object_url(&address))).forget();
}

/// The theme of the last visit.
pub fn stored_theme() -> Theme {
    match storage().and_then(|storage| storage.get_item(THEME).ok().flatten()).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Shows a theme and remembers it.
pub fn show_theme(theme: Theme) {
    let name = match theme {
        Theme::System => return,
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let _ = gloo::utils::document_element().set_attribute("data-theme", name);
    // A browser that forbids storage forgets the theme; nothing else is lost.
    let _ = storage().map(|storage| storage.set_item(THEME, name));
}

/// The lessons that were seen to their end in earlier visits.
pub fn stored_lessons() -> Vec<Lesson> {
    let text = storage().and_then(|storage| storage.get_item(LESSONS).ok().flatten()).unwrap_or_default();
    text.split(',').filter_map(|number| Lesson::of_number(number.parse().ok()?)).collect()
}

/// Remembers the lessons that were seen to their end.
pub fn store_lessons(lessons: &[Lesson]) {
    let numbers: Vec<_> = lessons.iter().map(|lesson| lesson.number().to_string()).collect();
    // A browser that forbids storage forgets them; nothing else is lost.
    let _ = storage().map(|storage| storage.set_item(LESSONS, &numbers.join(",")));
}

/// Whether the page is dark now.
pub fn is_dark(theme: Theme) -> bool {
    match theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => matches("(prefers-color-scheme: dark)"),
    }
}

/// Whether a media query holds now.
pub fn matches(query: &str) -> bool {
    gloo::utils::window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// The part of the address from its `#` on.
pub fn fragment() -> String {
    gloo::utils::window().location().hash().unwrap_or_default()
}

/// Changes that part without a new entry in the history.
pub fn replace_fragment(fragment: &str) {
    if let Ok(history) = gloo::utils::window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(fragment));
    }
}

/// The whole address with that fragment.
pub fn address(fragment: &str) -> String {
    let location = gloo::utils::window().location();
    let part = |part: Result<String, _>| part.unwrap_or_default();
    format!("{}{}{fragment}", part(location.origin()), part(location.pathname()))
}

/// Moves the focus to the element of that id.
pub fn focus(id: &str) {
    if let Some(element) = gloo::utils::document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

fn storage() -> Option<web_sys::Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

const THEME: &str = "waxseal.theme";
const LESSONS: &str = "waxseal.lessons";
