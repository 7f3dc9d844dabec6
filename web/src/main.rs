//! The playground: watch envelope encryption happen. The model records real runs and reads their traces; the view draws what it reads.

mod model;
mod view;

fn main() {
    if let Some(place) = gloo::utils::document().get_element_by_id("app") {
        yew::Renderer::<view::App>::with_root(place).render();
    }
}
