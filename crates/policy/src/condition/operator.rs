//! Condition operators by their names: `StringEquals`, `ForAllValues:StringLike`, `NumericLessThanIfExists`, …

use std::cmp::Ordering;

/// An operator: how a value is compared, and how many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) set: Set,
    pub(crate) test: Test,
    /// The test came out as the negated form of itself: `StringNotEquals`.
    pub(crate) negated: bool,
    /// A request without the key satisfies it.
    pub(crate) if_exists: bool,
}

/// How the values of a key that has several are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// The operator was written for one value.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// How one value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    ArnLike,
    Numeric(Relation),
    Date(Relation),
    Bool,
    IpAddress,
    BinaryEquals,
    Null,
}

/// How two ordered values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Relation {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

impl Operator {
    /// Reads an operator's name. Errors say what to write instead where that can be told.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let (set, rest) = match name.split_once(':') {
            None => (Set::Single, name),
            Some(("ForAllValues", rest)) => (Set::All, rest),
            Some(("ForAnyValue", rest)) => (Set::Any, rest),
            Some((other, _)) => return Err(format!("`{other}` in `{name}` is not ForAllValues or ForAnyValue")),
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        let Some(&(_, test, negated)) = TESTS.iter().find(|(known, _, _)| *known == base) else {
            return Err(match TESTS.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(base)) {
                Some((known, _, _)) => format!("`{name}` is not a condition operator; did you mean {known}"),
                None => format!("`{name}` is not a condition operator"),
            });
        };
        if test == Test::Null && (if_exists || set != Set::Single) {
            return Err(format!("`{name}` is not a condition operator; Null asks itself whether the key exists"));
        }
        Ok(Self { set, test, negated, if_exists })
    }
}

const TESTS: &[(&str, Test, bool)] = &[
    ("StringEquals", Test::StringEquals, false),
    ("StringNotEquals", Test::StringEquals, true),
    ("StringEqualsIgnoreCase", Test::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Test::StringEqualsIgnoreCase, true),
    ("StringLike", Test::StringLike, false),
    ("StringNotLike", Test::StringLike, true),
    ("ArnEquals", Test::ArnLike, false),
    ("ArnNotEquals", Test::ArnLike, true),
    ("ArnLike", Test::ArnLike, false),
    ("ArnNotLike", Test::ArnLike, true),
    ("NumericEquals", Test::Numeric(Relation::Equals), false),
    ("NumericNotEquals", Test::Numeric(Relation::Equals), true),
    ("NumericLessThan", Test::Numeric(Relation::LessThan), false),
    ("NumericLessThanEquals", Test::Numeric(Relation::LessThanEquals), false),
    ("NumericGreaterThan", Test::Numeric(Relation::GreaterThan), false),
    ("NumericGreaterThanEquals", Test::Numeric(Relation::GreaterThanEquals), false),
    ("DateEquals", Test::Date(Relation::Equals), false),
    ("DateNotEquals", Test::Date(Relation::Equals), true),
    ("DateLessThan", Test::Date(Relation::LessThan), false),
    ("DateLessThanEquals", Test::Date(Relation::LessThanEquals), false),
    ("DateGreaterThan", Test::Date(Relation::GreaterThan), false),
    ("DateGreaterThanEquals", Test::Date(Relation::GreaterThanEquals), false),
    ("Bool", Test::Bool, false),
    ("IpAddress", Test::IpAddress, false),
    ("NotIpAddress", Test::IpAddress, true),
    ("BinaryEquals", Test::BinaryEquals, false),
    ("Null", Test::Null, false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let operator = Operator::parse("ForAnyValue:StringNotLikeIfExists").unwrap();
        assert_eq!(operator, Operator { set: Set::Any, test: Test::StringLike, negated: true, if_exists: true });
        for (name, why) in [
            ("StringEqualz", "is not a condition operator"),
            ("stringEquals", "did you mean StringEquals"),
            ("NullIfExists", "Null asks itself"),
            ("ForAllValues:Null", "Null asks itself"),
            ("ForEach:StringEquals", "is not ForAllValues or ForAnyValue"),
            ("IfExists", "is not a condition operator"),
        ] {
            let error = Operator::parse(name).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
