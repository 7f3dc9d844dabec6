//! Plans of both directions agree, whatever the sizes, and claimed lengths cost nothing.

use proptest::prelude::*;
use waxseal_base::codec::Writer;
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::*;
use crate::suite::Suite;

fn header(frame_length: u32) -> Header {
    Header {
        suite: Suite::COMMITTING,
        message_id: MessageId::V2([7; 32]),
        encryption_context: EncryptionContext::new(),
        encrypted_data_keys: Vec::new(),
        content: Content::Framed { frame_length },
        commitment: Some([0; 32]),
    }
}

fn body(plans: impl IntoIterator<Item = FramePlan>) -> Vec<u8> {
    let mut writer = Writer::new();
    for plan in plans {
        plan.head().write(&mut writer);
        writer.bytes(&vec![0xcc; usize::try_from(plan.len()).unwrap()]).bytes(&[0xdd; 16]);
    }
    writer.finish()
}

/// Plans from heads, and skips what is between them; a body that ends early is noticed by whoever skips.
fn open(frame_length: u32, body: &[u8]) -> Result<Vec<FramePlan>, MessageError> {
    let mut planner = OpeningPlanner::new(&header(frame_length));
    let mut plans = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (taken, plan) = planner.push_head(rest)?;
        rest = &rest[taken..];
        if let Some(plan) = plan {
            let content = usize::try_from(plan.len()).unwrap() + TAG_LEN;
            rest = rest.get(content..).unwrap_or_default();
            plans.push(plan);
        }
    }
    Ok(plans)
}

fn sealing(frame_length: u32, plaintext_len: u64) -> Vec<FramePlan> {
    let mut planner = SealingPlanner::new(MessageId::V2([7; 32]), frame_length);
    let mut left = plaintext_len;
    let mut plans = Vec::new();
    while !planner.is_done() {
        let len = u32::try_from(left.min(frame_length.into())).unwrap();
        left -= u64::from(len);
        plans.push(planner.plan(len, left == 0).unwrap());
    }
    assert_eq!(planner.body_len(), FrameLayout::new(frame_length).unwrap().body_len_for(plaintext_len).unwrap());
    plans
}

#[test]
fn frames_are_full_but_the_last() {
    let lens = |frame_length, len| sealing(frame_length, len).iter().map(|plan| (plan.len(), plan.piece.is_final())).collect::<Vec<_>>();
    assert_eq!(lens(4, 0), [(0, true)]);
    assert_eq!(lens(4, 3), [(3, true)]);
    assert_eq!(lens(4, 4), [(4, true)]);
    assert_eq!(lens(4, 9), [(4, false), (4, false), (1, true)]);
}

#[test]
fn additional_data_is_as_the_standard_says() {
    let plans = sealing(4, 5);
    let expected =
        |label: &str, sequence: u8, len: u8| [&[7; 32], label.as_bytes(), &[0, 0, 0, sequence], &[0, 0, 0, 0, 0, 0, 0, len]].concat();
    assert_eq!(*plans[0].aad, *expected("AWSKMSEncryptionClient Frame", 1, 4));
    assert_eq!(*plans[1].aad, *expected("AWSKMSEncryptionClient Final Frame", 2, 1));
    assert_eq!(plans[1].iv, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
}

#[test]
fn frames_that_do_not_fit_are_refused_and_change_nothing() {
    let mut planner = SealingPlanner::new(MessageId::V2([0; 32]), 4);
    for (len, is_last) in [(3, false), (5, false), (5, true)] {
        assert!(planner.plan(len, is_last).unwrap_err().to_string().contains("does not fit"));
    }
    assert_eq!(planner.plan(4, false).unwrap().sequence, 1);
    assert_eq!(planner.plan(4, true).unwrap().range, 4..8);
    assert!(planner.plan(0, true).unwrap_err().to_string().contains("nothing can follow"));
}

#[test]
fn only_a_last_frame_has_the_greatest_number() {
    let planner = || SealingPlanner { planned: u32::MAX - 1, ..SealingPlanner::new(MessageId::V2([0; 32]), 4) };
    assert!(planner().plan(4, false).unwrap_err().to_string().contains("at most 4294967295 frames"));
    assert_eq!(planner().plan(4, true).unwrap().sequence, u32::MAX);
}

#[test]
fn an_empty_last_frame_after_full_ones_is_read() {
    let mut plans = sealing(4, 8);
    plans[1] = FramePlan { piece: Piece::Frame, ..plans[1].clone() };
    plans.push(FramePlan { sequence: 3, piece: Piece::FinalFrame, range: 8..8, ..plans[1].clone() });
    assert_eq!(open(4, &body(plans)).unwrap().len(), 3);
}

#[test]
fn frames_out_of_order_are_refused_before_they_are_opened() {
    let plans = sealing(4, 12);
    for (order, why) in [
        (vec![1, 0, 2], "frame 2 stands where frame 1 belongs"),
        (vec![0, 2], "frame 3 stands where frame 2 belongs"),
        (vec![0, 0, 1, 2], "frame 1 stands where frame 2 belongs"),
        (vec![0, 1, 2, 2], "bytes follow the last frame"),
    ] {
        let error = open(4, &body(order.iter().map(|&index: &usize| plans[index].clone()))).unwrap_err();
        assert!(error.to_string().contains(why), "{order:?}: {error}");
    }
}

#[test]
fn a_huge_length_is_believed_only_when_the_bytes_are_there() {
    let mut planner = OpeningPlanner::new(&header(u32::MAX));
    let first = [&[0, 0, 0, 1][..], &[0; 12]].concat();
    let (taken, plan) = planner.push_head(&first).unwrap();
    assert_eq!((taken, plan.unwrap().len()), (16, u64::from(u32::MAX)));
    let mut long = vec![0xff; 4];
    long.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 16, 1]);
    assert!(open(4096, &long).unwrap_err().to_string().contains("4097 bytes, more than the frame length"));
}

proptest! {
    #[test]
    fn what_is_planned_for_sealing_is_planned_for_opening(frame_length in 1u32..40, len in 0u64..200, chunk in 1usize..50) {
        let sealed = sealing(frame_length, len);
        let body = body(sealed.clone());
        let mut planner = OpeningPlanner::new(&header(frame_length));
        let mut opened = Vec::new();
        let mut position = 0;
        while position < body.len() {
            let end = body.len().min(position + chunk);
            let (taken, plan) = planner.push_head(&body[position..end]).unwrap();
            position += taken;
            if let Some(plan) = plan {
                position += usize::try_from(plan.len()).unwrap() + TAG_LEN;
                opened.push(plan);
            }
        }
        prop_assert!(planner.is_done());
        prop_assert_eq!(planner.body_len(), body.len() as u64);
        let facts = |plan: &FramePlan| (plan.sequence, plan.piece, plan.iv, plan.aad, plan.len());
        prop_assert_eq!(sealed.iter().map(facts).collect::<Vec<_>>(), opened.iter().map(facts).collect::<Vec<_>>());
        for plan in opened {
            let range = usize::try_from(plan.range.start).unwrap()..usize::try_from(plan.range.end).unwrap();
            prop_assert!(body[range.clone()].iter().all(|byte| *byte == 0xcc));
            prop_assert_eq!(&body[range.end..range.end + 16], &[0xdd; 16]);
        }
    }

    #[test]
    fn any_bytes_are_planned_without_panic(frame_length: u32, body: Vec<u8>) {
        let _ = open(frame_length, &body);
    }
}
