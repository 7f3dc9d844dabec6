//! When a source is asked, and what is done with what it gives.

use std::future::pending;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;

use super::*;
use crate::http::Timer;
use crate::testing::World;

/// Gives numbered tokens, each after some time, as `give` says.
struct Numbered {
    world: Arc<World>,
    asked: AtomicI64,
    give: fn(i64, Timestamp) -> Given,
}

enum Given {
    Token(Good),
    Nothing,
    Never,
}

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);

impl Provider<Token> for Numbered {
    fn provide(&self) -> BoxFuture<'_, Result<Provided<Token>, ProviderError>> {
        Box::pin(async move {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            let given = (self.give)(number, self.world.host().env.now());
            self.world.timer().sleep(SECOND).await;
            match given {
                Given::Token(good) => Ok(Provided { value: Arc::new(Token::new(format!("T{number}")).unwrap()), good }),
                Given::Nothing => Err(ProviderError("no metadata service".into())),
                Given::Never => pending().await,
            }
        })
    }
}

fn renewed(give: fn(i64, Timestamp) -> Given) -> (Arc<World>, Arc<Numbered>, Renewed<Token>) {
    let world = World::new(&[]);
    let provider = Arc::new(Numbered { world: Arc::clone(&world), asked: AtomicI64::new(0), give });
    let renewed = Renewed::new(Source::Provider(provider.clone()), "token", |_| Ok(())).unwrap();
    (world, provider, renewed)
}

fn minutes(minutes: u64) -> Duration {
    SECOND * u32::try_from(minutes * 60).unwrap()
}

fn text(value: Result<Arc<Token>, ClientError>) -> String {
    value.map_or_else(|error| error.message, |token| token.expose().to_owned())
}

fn ten_minutes(_: i64, now: Timestamp) -> Given {
    Given::Token(Good::Until(now.plus_millis(600_000)))
}

#[test]
fn it_is_asked_once_for_all_who_wait_and_kept() {
    let (world, provider, renewed) = renewed(ten_minutes);
    let host = world.host();
    let all = world.run(join_all((0..50).map(|_| renewed.value(&host, PATIENCE))));
    assert!(all.into_iter().all(|value| text(value) == "T1"));
    assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), "T1");
    assert_eq!((provider.asked.load(Ordering::SeqCst), world.elapsed()), (1, 1_000));
}

#[test]
fn one_who_goes_away_leaves_the_others_what_it_began() {
    let (world, provider, renewed) = renewed(ten_minutes);
    let host = world.host();
    let short = within(&host, SECOND / 2, renewed.value(&host, PATIENCE));
    let (gone, other) = world.run(futures_util::future::join(short, renewed.value(&host, PATIENCE)));
    assert!(gone.is_none());
    assert_eq!((text(other), provider.asked.load(Ordering::SeqCst), world.elapsed()), ("T1".into(), 1, 1_000));
}

#[test]
fn it_is_renewed_five_minutes_before_its_end_and_the_old_one_does_if_that_fails() {
    let (world, provider, renewed) = renewed(|number, now| if number == 2 { Given::Nothing } else { ten_minutes(number, now) });
    let host = world.host();
    let mut used = Vec::new();
    for later in [0, 4, 1, 1, 6] {
        world.pass(minutes(later));
        used.push(text(world.run(renewed.value(&host, PATIENCE))));
    }
    assert_eq!(used, ["T1", "T1", "T1", "T3", "T4"], "the second asking fails, and another one is made the next time");
    assert_eq!(provider.asked.load(Ordering::SeqCst), 4);
}

#[test]
fn a_renewal_that_hangs_leaves_time_for_a_request_with_the_old_one() {
    let (world, _, renewed) = renewed(|number, now| if number == 2 { Given::Never } else { ten_minutes(number, now) });
    let host = world.host();
    assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), "T1");
    world.pass(minutes(6));
    let before = world.elapsed();
    assert_eq!((text(world.run(renewed.value(&host, PATIENCE))), world.elapsed() - before), ("T1".into(), 10_000));
    assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), "T3");
}

#[test]
fn nothing_is_used_that_has_ended() {
    let (world, _, failing) = renewed(|number, now| if number == 1 { ten_minutes(number, now) } else { Given::Nothing });
    let host = world.host();
    assert_eq!(text(world.run(failing.value(&host, PATIENCE))), "T1");
    world.pass(minutes(10));
    let error = world.run(failing.value(&host, PATIENCE)).unwrap_err();
    assert_eq!((error.kind, error.retryable), (Kind::Unavailable, false));
    assert!(error.message.starts_with("the provider of the token failed: no metadata service"), "{error}");
    let (world, _, ended) = renewed(|_, now| Given::Token(Good::Until(now)));
    assert!(text(world.run(ended.value(&world.host(), PATIENCE))).contains("gave what has ended already"));
    let value = Arc::new(Token::new("T".to_owned()).unwrap());
    let fixed = Source::Fixed(Provided { value, good: Good::Until(host.env.now().plus_millis(60_000)) });
    let fixed = Renewed::new(fixed, "token", |_| Ok(())).unwrap();
    assert_eq!(text(world.run(fixed.value(&host, PATIENCE))), "T", "what is fixed is used to its end");
    fixed.forget();
    assert_eq!(text(world.run(fixed.value(&host, PATIENCE))), "T");
    let late = World::new(&[]);
    late.pass(minutes(12));
    let error = text(late.run(fixed.value(&late.host(), PATIENCE)));
    assert!(error.starts_with("the token ended at 2026-01-15T12:11:02Z"), "{error}");
}

#[test]
fn one_that_never_answers_costs_a_call_its_time_and_is_asked_again() {
    let (world, provider, renewed) = renewed(|number, now| if number == 1 { Given::Never } else { ten_minutes(number, now) });
    let host = world.host();
    assert!(text(world.run(renewed.value(&host, PATIENCE))).contains("it took too long"));
    assert_eq!(world.elapsed(), 20_000);
    assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), "T2");
    // So is one whose asker went away for good.
    renewed.forget();
    let abandoned = within(&host, SECOND / 2, renewed.value(&host, PATIENCE));
    assert!(world.run(abandoned).is_none());
    world.pass(PATIENCE);
    assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), "T4");
    assert_eq!(provider.asked.load(Ordering::SeqCst), 4);
}

#[test]
fn a_client_that_goes_away_while_it_asks_leaves_nothing_behind() {
    let (world, provider, renewed) = renewed(ten_minutes);
    let host = world.host();
    let current = Arc::downgrade(&world.run(renewed.value(&host, PATIENCE)).unwrap());
    world.pass(minutes(6));
    assert!(world.run(within(&host, SECOND / 2, renewed.value(&host, PATIENCE))).is_none());
    assert_eq!((provider.asked.load(Ordering::SeqCst), Arc::strong_count(&provider)), (2, 3), "it is being asked");
    drop(renewed);
    assert_eq!((current.strong_count(), Arc::strong_count(&provider)), (0, 1));
}

#[test]
fn what_is_for_one_request_is_given_to_one_however_many_wait() {
    let (world, provider, renewed) = renewed(|_, _| Given::Token(Good::Once));
    let host = world.host();
    for round in 1..=2 {
        let all = world.run(join_all((0..20).map(|_| renewed.value(&host, PATIENCE))));
        let different: std::collections::BTreeSet<_> = all.into_iter().map(text).collect();
        assert_eq!((different.len(), provider.asked.load(Ordering::SeqCst)), (20, 20 * round));
    }
}

#[test]
fn what_is_refused_is_asked_for_again() {
    let (world, provider, renewed) = renewed(|_, _| Given::Token(Good::Always));
    let host = world.host();
    for expected in ["T1", "T1"] {
        assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), expected);
    }
    renewed.forget();
    assert_eq!(text(world.run(renewed.value(&host, PATIENCE))), "T2");
    assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn what_is_no_token_is_said_to_be_none_without_quoting_it() {
    for wrong in ["", "two words", "line\nbreak", "tökèn"] {
        let error = Token::new(wrong.to_owned()).unwrap_err();
        assert!(wrong.is_empty() || !error.message.contains(wrong), "{error}");
    }
    assert_eq!(format!("{:?}", Provided::always(Token::new("hunter2".to_owned()).unwrap())), "Provided { value: Token, good: Always }");
}
