//! What the things of the stage look like. Each has one look everywhere, drawn around its own middle; where it is and which state it is
//! in comes from outside. States are classes, so the style sheet can lead from one to the other.

use yew::prelude::*;

use super::layout::{Area, Pose};

/// Puts a picture at a pose. It glides there in a curve, for x and y have a different easing; away, it is not visible.
pub fn thing(pose: Pose, is_shown: bool, is_lit: bool, picture: Html) -> Html {
    let class = classes!("thing", (!is_shown).then_some("away"), is_lit.then_some("lit"));
    html! {
        <g {class} ~style={format!("transform:translateX({}px)", pose.x)}>
            <g class="thing-y" ~style={format!("transform:translateY({}px)", pose.y)}>
                <g class="thing-s" ~style={format!("transform:scale({})", pose.scale)}>{ picture }</g>
            </g>
        </g>
    }
}

/// A place: a rounded rectangle that can change its size.
pub fn place(area: Area, class: &'static str) -> Html {
    let style = format!("x:{}px;y:{}px;width:{}px;height:{}px", area.x, area.y, area.w, area.h);
    html! { <rect class={classes!("place", class)} ~style={style} rx="16" /> }
}

/// A key, in the colour of its owner.
fn key_shape() -> Html {
    html! {
        <g class="key-shape">
            <circle cx="-13" cy="0" r="9" />
            <path d="M-4 0H19M11 0v9M19 0v7" />
        </g>
    }
}

/// The KMS key: an indigo hexagon, with a lamp for its state.
pub fn hexagon(is_awake: bool, is_refused: bool) -> Html {
    html! {
        <g class={classes!("hexagon", is_awake.then_some("awake"), is_refused.then_some("refused"))}>
            <path class="hexagon-glow" d="M0-66l57 33v66L0 66l-57-33v-66z" />
            <path class="hexagon-body" d="M0-58l50 29v58L0 58l-50-29v-58z" />
            <g class="c-kms hexagon-key">{ key_shape() }</g>
        </g>
    }
}

/// A plaintext data key, amber, glowing while its bytes are in memory.
pub fn data_key(is_wiped: bool) -> Html {
    html! {
        <g class={classes!("data-key", "c-dek", is_wiped.then_some("wiped"))}>
            <circle class="glow" r="40" />
            <g class="big-key">{ key_shape() }</g>
        </g>
    }
}

/// The commitment to a data key: a closed ring that can be compared.
pub fn commitment() -> Html {
    html! {
        <g class="commitment c-dek">
            <circle r="20" />
            <circle r="10" />
        </g>
    }
}

/// An encrypted data key: the amber key in an indigo envelope with a wax seal.
pub fn envelope(is_sealed: bool) -> Html {
    html! {
        <g class={classes!("envelope", is_sealed.then_some("sealed"))}>
            <g class="flap-hinge"><path class="flap flap-open" d="M-42 0L0 30 42 0z" /></g>
            <rect class="envelope-back" x="-44" y="-28" width="88" height="56" rx="7" />
            <g class="flap-hinge"><path class="flap flap-closed" d="M-42 0L0 30 42 0" /></g>
            <g class="c-dek envelope-key">{ key_shape() }</g>
            <g class="wax">{ wax() }</g>
        </g>
    }
}

fn wax() -> Html {
    html! {
        <>
            <path class="wax-body" d="M0-11c2 0 2.7 1.7 4.4 2.3s3.7-.2 5 1.2.4 3.2 1.2 4.8S13.3-.4 13.3 1.8s-2 2.8-2.7 4.4.1 3.5-1.4 4.8-3.2.6-4.8 1.4-2.3 2.5-4.4 2.5-2.8-1.7-4.4-2.5-3.4-.1-4.8-1.4-.6-3.2-1.4-4.8-2.7-2.2-2.7-4.4 2-2.7 2.7-4.4-.2-3.5 1.2-4.8 3.3-.6 5-1.2S-2-11 0-11z" />
            <path class="wax-line" d="M-4.5-1l2.2 6L0-1l2.3 6 2.2-6" />
        </>
    }
}

/// A document in frames. Uncut it is one sheet of paper; cut, its frames stand apart under a header, and each is paper or ciphertext.
pub struct Sheet {
    /// How many frames are drawn.
    pub frames: usize,
    /// How many of them are ciphertext.
    pub sealed: usize,
    /// Whether sealed frames are the last ones (a message being opened) or the first ones (a document being sealed).
    pub sealed_at_end: bool,
    /// Whether the frames stand apart.
    pub is_cut: bool,
    /// Whether there is a header, and whether it is authenticated.
    pub header: Option<bool>,
    /// The frame that failed.
    pub broken_frame: Option<usize>,
    /// Whether the header failed.
    pub is_header_broken: bool,
}

impl Sheet {
    /// The picture, 84 wide and 104 high without its header.
    pub fn draw(&self) -> Html {
        let count = self.frames.max(1);
        let height = 104.0 / count as f32;
        html! {
            <g class={classes!("sheet", self.is_cut.then_some("cut"))}>
                { self.draw_header() }
                { for (0..count).map(|index| self.draw_frame(index, height)) }
            </g>
        }
    }

    fn is_sealed(&self, index: usize) -> bool {
        if self.sealed_at_end { index + self.sealed >= self.frames } else { index < self.sealed }
    }

    fn draw_frame(&self, index: usize, height: f32) -> Html {
        let gap = if self.is_cut { 4.0 } else { 0.0 };
        let top = -52.0 + index as f32 * height + (index as f32 - (self.frames as f32 - 1.0) / 2.0) * gap;
        let class = classes!(
            "frame",
            if self.is_sealed(index) { "is-sealed" } else { "is-open" },
            (self.broken_frame == Some(index)).then_some("is-broken"),
        );
        let corner = if index == 0 { 18.0_f32.min(height) } else { 0.0 };
        let body = format!("M-42 0H{}L42 {corner}V{height}H-42z", 42.0 - corner);
        let lines = (height / 17.0).round().max(1.0) as usize;
        html! {
            <g {class} ~style={format!("transform:translateY({top}px)")}>
                <path class="frame-body" d={body} />
                if corner > 0.0 {
                    <path class="frame-corner" d={format!("M{} 0V{corner}H42z", 42.0 - corner)} />
                }
                { for (0..lines).map(|line| draw_line(index, line, height / lines as f32)) }
            </g>
        }
    }

    fn draw_header(&self) -> Html {
        let class = classes!(
            "header-strip",
            self.header.is_none().then_some("away"),
            (self.header == Some(true)).then_some("filled"),
            self.is_header_broken.then_some("is-broken"),
        );
        let top = -52.0 - 22.0 - if self.is_cut { (self.frames as f32 - 1.0) * 2.0 } else { 0.0 };
        html! {
            <g {class} ~style={format!("transform:translateY({top}px)")}>
                <rect class="header-back" x="-42" y="0" width="84" height="18" rx="3" />
                <rect class="header-fill" x="-42" y="0" width="84" height="18" rx="3" />
                <path class="header-marks" d="M-34 9h10M-16 9h22M14 9h6M28 9h6" />
            </g>
        }
    }
}

/// A line of text on paper, and what it looks like as ciphertext: dashes of no meaning.
fn draw_line(frame: usize, line: usize, height: f32) -> Html {
    let y = height * (line as f32 + 0.5);
    let seed = frame * 7 + line * 3;
    let end = if seed % 4 == 2 { 8 } else { 30 };
    let dashes = ["3 4 9 3 2 5", "8 3 2 4 5 3", "2 3 6 4 10 3", "5 4 2 3 3 6"];
    html! {
        <>
            <path class="ink" d={format!("M-32 {y}H{end}")} />
            <path class="noise" d={format!("M-34 {y}H34")} stroke-dasharray={dashes.get(seed % 4).copied().unwrap_or_default()} />
        </>
    }
}

/// Dice, where randomness is drawn.
pub fn dice(is_kms: bool) -> Html {
    html! {
        <g class={classes!("dice", is_kms.then_some("dice-kms"))}>
            <g class="die">
                <rect x="-17" y="-17" width="34" height="34" rx="7" />
                <circle cx="-8" cy="-8" r="2.7" /><circle cx="8" cy="-8" r="2.7" /><circle r="2.7" />
                <circle cx="-8" cy="8" r="2.7" /><circle cx="8" cy="8" r="2.7" />
            </g>
        </g>
    }
}

/// The gate in the boundary. It lies across a boundary that is drawn from left to right.
pub fn gate(state: &'static str, is_tall: bool) -> Html {
    html! {
        <g class={classes!("gate", state)}>
            if is_tall {
                <rect class="gate-body" x="-38" y="-15" width="76" height="30" rx="10" />
            } else {
                <rect class="gate-body" x="-15" y="-38" width="30" height="76" rx="10" />
            }
            <path class="gate-slot" d={if is_tall { "M-12 0h24" } else { "M0-12v24" }} />
            <path class="gate-tick" d="M-6 0l4 5 8-9" />
            <path class="gate-cross" d="M-5-5L5 5M5-5L-5 5" />
        </g>
    }
}

/// A stamp with its word.
pub fn stamp(word: &'static str, class: &'static str) -> Html {
    html! {
        <g class={classes!("stamp", class)}>
            <g class="stamp-press">
                <rect x="-52" y="-15" width="104" height="30" rx="6" />
                <text y="5.5" text-anchor="middle">{ word }</text>
            </g>
        </g>
    }
}

/// A request or an answer on its way.
pub fn card(title: &str, line: &str, class: &'static str) -> Html {
    html! {
        <g class={classes!("card-shape", class)}>
            <rect x="-76" y="-22" width="152" height="44" rx="8" />
            <text class="t-mono" y="-2" text-anchor="middle">{ title }</text>
            <text class="t-sub" y="14.5" text-anchor="middle">{ line }</text>
        </g>
    }
}

/// Where it stopped.
pub fn marker() -> Html {
    html! {
        <g class="marker">
            <circle class="marker-disc" r="13" />
            <path d="M-5-5L5 5M5-5L-5 5" />
        </g>
    }
}

/// A person's badge.
pub fn badge(initial: &str) -> Html {
    html! {
        <g class="badge">
            <circle r="27" />
            <text y="8" text-anchor="middle">{ initial }</text>
        </g>
    }
}

/// The way that something took: dots in the colour of a data key.
pub fn trail(from: Pose, to: Pose, is_tall: bool, is_shown: bool) -> Html {
    let ((first_x, first_y), (second_x, second_y)) =
        if is_tall { ((from.x, from.y + 30.0), (to.x, from.y + 4.0)) } else { ((from.x, (from.y + to.y) / 2.0), (from.x, to.y)) };
    let d = format!("M{} {}C{first_x} {first_y} {second_x} {second_y} {} {}", from.x, from.y, to.x, to.y);
    html! { <path class={classes!("trail", (!is_shown).then_some("away"))} {d} /> }
}
