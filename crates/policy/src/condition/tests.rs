use super::*;

/// Whether a condition holds for a request with these keys, in an Allow statement and in a Deny statement.
fn holds(condition: &str, context: &[(&str, &str)]) -> (bool, bool) {
    let context: Context = context.iter().copied().collect();
    let conditions = Condition::parse_all(&Json::parse(condition).unwrap(), DocumentKind::Identity, true).unwrap();
    let all = |effect| conditions.iter().all(|condition| condition.holds(&context, effect));
    (all(Effect::Allow), all(Effect::Deny))
}

const YES: (bool, bool) = (true, true);
const NO: (bool, bool) = (false, false);

#[test]
fn values_are_alternatives_and_keys_are_not() {
    let condition = r#"{"StringEquals": {"a:x": ["1", "2"], "a:y": "3"}}"#;
    assert_eq!(holds(condition, &[("a:x", "2"), ("a:y", "3")]), YES);
    assert_eq!(holds(condition, &[("a:x", "2"), ("a:y", "4")]), NO);
    assert_eq!(holds(condition, &[("a:x", "3"), ("a:y", "3")]), NO);
    assert_eq!(holds("{}", &[]), YES);
}

#[test]
fn a_missing_key_fails_positive_operators_and_satisfies_negated_ones() {
    assert_eq!(holds(r#"{"StringEquals": {"a:x": "1"}}"#, &[]), NO);
    assert_eq!(holds(r#"{"StringNotEquals": {"a:x": "1"}}"#, &[]), YES);
    assert_eq!(holds(r#"{"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#, &[]), YES);
    assert_eq!(holds(r#"{"StringEqualsIfExists": {"a:x": "1"}}"#, &[]), YES);
    assert_eq!(holds(r#"{"StringEqualsIfExists": {"a:x": "1"}}"#, &[("a:x", "2")]), NO);
    assert_eq!(holds(r#"{"Null": {"a:x": true}}"#, &[]), YES);
    assert_eq!(holds(r#"{"Null": {"a:x": "false"}}"#, &[]), NO);
}

#[test]
fn negated_operators_refuse_every_alternative() {
    let condition = r#"{"StringNotLike": {"a:x": ["a*", "b*"]}}"#;
    assert_eq!(holds(condition, &[("a:x", "cat")]), YES);
    assert_eq!(holds(condition, &[("a:x", "bat")]), NO);
}

#[test]
fn sets_take_the_values_together() {
    let both = [("a:x", "1"), ("a:x", "2")];
    assert_eq!(holds(r#"{"ForAllValues:StringEquals": {"a:x": ["1", "2", "3"]}}"#, &both), YES);
    assert_eq!(holds(r#"{"ForAllValues:StringEquals": {"a:x": ["1"]}}"#, &both), NO);
    assert_eq!(holds(r#"{"ForAllValues:StringEquals": {"a:x": ["1"]}}"#, &[]), YES);
    assert_eq!(holds(r#"{"ForAnyValue:StringEquals": {"a:x": ["2"]}}"#, &both), YES);
    assert_eq!(holds(r#"{"ForAnyValue:StringEquals": {"a:x": ["3"]}}"#, &both), NO);
    assert_eq!(holds(r#"{"ForAnyValue:StringNotEquals": {"a:x": ["1"]}}"#, &both), YES);
    assert_eq!(holds(r#"{"ForAnyValue:StringNotEquals": {"a:x": ["1"]}}"#, &[]), NO);
    assert_eq!(holds(r#"{"ForAllValues:StringNotEquals": {"a:x": ["1"]}}"#, &both), NO);
    // Several values under an operator for one count against the request.
    assert_eq!(holds(r#"{"StringEquals": {"a:x": "1"}}"#, &both), (false, true));
    assert_eq!(holds(r#"{"StringNotEquals": {"a:x": "1"}}"#, &both), (false, true));
}

#[test]
fn an_unresolved_variable_matches_nothing_and_widens_no_allow() {
    let tag = [("aws:ResourceTag/team", "blue")];
    assert_eq!(holds(r#"{"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}"#, &tag), NO);
    assert_eq!(holds(r#"{"StringNotEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}"#, &tag), (false, true));
    let both = [("aws:ResourceTag/team", "blue"), ("aws:PrincipalTag/team", "blue")];
    assert_eq!(holds(r#"{"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}"#, &both), YES);
}

#[test]
fn what_is_absent_is_said_in_words() {
    let absence = |key: &str, context: &[(&str, &str)]| {
        let json = format!(r#"{{"StringEquals": {{"{key}": "x"}}}}"#);
        let condition = Condition::parse_all(&Json::parse(&json).unwrap(), DocumentKind::Key, true).unwrap().pop().unwrap();
        condition.finding(&context.iter().copied().collect(), false).found
    };
    assert_eq!(absence("kms:EncryptionContext:tenant", &[]), "the request has no encryption context");
    assert_eq!(
        absence("kms:EncryptionContext:tenant", &[("kms:EncryptionContext:a", "b")]),
        "the request has no kms:EncryptionContext:tenant"
    );
    assert_eq!(absence("kms:ViaService", &[]), "the caller asks directly, not through a service");
    assert!(absence("kms:ResourceAliases", &[("kms:ResourceAliases", "x")]).contains("identity policies only"));
}
