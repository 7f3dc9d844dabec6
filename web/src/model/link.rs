//! The address of a moment: `#/learn/3?step=4&tab=bytes`. Steps count from 1 there.

use std::fmt;

use super::change::Change;
use super::lesson::Lesson;
use super::state::Tab;
use super::steps::Depth;

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The lesson.
    pub lesson: Lesson,
    /// The step, from 0.
    pub step: usize,
    /// The tab.
    pub tab: Tab,
    /// How finely the trace is cut.
    pub depth: Depth,
    /// What is changed.
    pub change: Option<Change>,
}

impl Link {
    /// Reads the part of an address from its `#` on. What it does not say or says wrongly is as on a first visit; an address that names no
    /// lesson is no link.
    pub fn parse(fragment: &str) -> Option<Self> {
        let path = fragment.strip_prefix('#').unwrap_or(fragment).strip_prefix("/learn/")?;
        let (number, query) = path.split_once('?').unwrap_or((path, ""));
        let lesson = number.parse().ok().and_then(Lesson::of_number)?;
        let mut link = Self { lesson, step: 0, tab: Tab::default(), depth: Depth::default(), change: None };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "step" => link.step = value.parse::<usize>().unwrap_or(1).saturating_sub(1),
                "tab" => link.tab = Tab::of_id(value).unwrap_or_default(),
                "depth" if value == DETAIL => link.depth = Depth::Detail,
                "change" => link.change = Change::of_id(value),
                _ => {}
            }
        }
        Some(link)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#/learn/{}?step={}&tab={}", self.lesson.number(), self.step.saturating_add(1), self.tab.id())?;
        if self.depth == Depth::Detail {
            write!(f, "&depth={DETAIL}")?;
        }
        match self.change {
            Some(change) => write!(f, "&change={}", change.id()),
            None => Ok(()),
        }
    }
}

const DETAIL: &str = "detail";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back() {
        let link = Link { lesson: Lesson::Read, step: 3, tab: Tab::Bytes, depth: Depth::Detail, change: Some(Change::AddDeny) };
        assert_eq!(link.to_string(), "#/learn/4?step=4&tab=bytes&depth=detail&change=add-deny");
        assert_eq!(Link::parse(&link.to_string()), Some(link));
        let plain = Link::parse("#/learn/3?step=4&tab=bytes").unwrap();
        assert_eq!((plain.lesson, plain.step, plain.tab, plain.depth), (Lesson::Upload, 3, Tab::Bytes, Depth::Story));
    }

    #[test]
    fn strange_addresses_lead_somewhere_or_nowhere() {
        let link = Link::parse("#/learn/3?step=-1&tab=nope&depth=x&change=y&=&step").unwrap();
        assert_eq!((link.step, link.tab, link.change), (0, Tab::Story, None));
        for nowhere in ["", "#", "#/learn", "#/learn/99", "#/sandbox", "#/learn/3x"] {
            assert_eq!(Link::parse(nowhere), None, "{nowhere}");
        }
    }
}
