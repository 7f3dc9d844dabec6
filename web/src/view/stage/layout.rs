//! Where everything is on the stage: places and the slots in them, in units of the viewBox. There are two arrangements, for a wide
//! screen and for a phone. In both the one who works is in the middle, the KMS above and the disk below, so nothing that is on its way to
//! one of them passes through the other.

use crate::model::people::Place;

/// The middle of a thing, and how big it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// 1 is as drawn.
    pub scale: f32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

/// All places and slots.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Whether this is the arrangement for a phone.
    pub is_tall: bool,
    /// Size of the viewBox.
    pub size: (f32, f32),
    /// The person's place.
    pub person: Area,
    /// The store's place.
    pub store: Area,
    /// The KMS, inside its boundary.
    pub kms: Area,
    /// The disk.
    pub disk: Area,
    /// The badge of the person.
    pub badge: Pose,
    /// A document that the person has and nobody works on.
    pub with_person: Pose,
    /// A message that is with the store and nobody works on.
    pub with_store: Pose,
    /// The document or message that is being worked on.
    pub work: Pose,
    /// The plaintext data key, with the one who works.
    pub key: Pose,
    /// What was derived from it: message key and commitment.
    pub derived: [Pose; 2],
    /// The encrypted data key, with the one who works.
    pub envelope: Pose,
    /// Dice at the one who works.
    pub dice: Pose,
    /// A request before it leaves.
    pub card_out: Pose,
    /// A request at the gate.
    pub card_gate: Pose,
    /// The gate in the boundary.
    pub gate: Pose,
    /// The first line of the check, and the distance to the next.
    pub lines: (Pose, f32),
    /// How many letters fit into such a line.
    pub line_len: usize,
    /// The stamp.
    pub stamp: Pose,
    /// The KMS key.
    pub hexagon: Pose,
    /// Dice in the KMS.
    pub kms_dice: Pose,
    /// A plaintext data key inside the boundary.
    pub kms_key: Pose,
    /// An encrypted data key inside the boundary.
    pub kms_envelope: Pose,
    /// Ciphertext on the disk.
    pub disk_message: Pose,
    /// The encrypted data key on the disk.
    pub disk_envelope: Pose,
}

impl Layout {
    /// The arrangement for a screen, and for who works: the store, or the person.
    pub fn new(is_tall: bool, works: Place) -> Self {
        if is_tall { tall(works) } else { wide(works) }
    }

    /// The area of a place.
    pub fn area(&self, place: Place) -> Area {
        match place {
            Place::Person => self.person,
            Place::Store => self.store,
            Place::Kms => self.kms,
            Place::Disk => self.disk,
        }
    }
}

fn wide(works: Place) -> Layout {
    let (person, store) = match works {
        Place::Person => (area(1.0, 1.0, 306.0, 558.0), area(326.0, 352.0, 132.0, 207.0)),
        _ => (area(1.0, 1.0, 132.0, 558.0), area(152.0, 1.0, 306.0, 558.0)),
    };
    let left = if works == Place::Person { person.x } else { store.x };
    let (kms, disk) = (area(500.0, 1.0, 299.0, 322.0), area(500.0, 352.0, 299.0, 207.0));
    Layout {
        is_tall: false,
        size: (800.0, 560.0),
        person,
        store,
        kms,
        disk,
        badge: pose(if works == Place::Person { 56.0 } else { 67.0 }, 74.0, 1.0),
        with_person: pose(67.0, 216.0, 0.8),
        with_store: if works == Place::Person { pose(392.0, 452.0, 0.62) } else { pose(left + 66.0, 184.0, 1.0) },
        work: pose(left + 66.0, 190.0, 1.0),
        key: pose(left + 62.0, 322.0, 1.0),
        derived: [pose(left + 50.0, 398.0, 0.62), pose(left + 178.0, 398.0, 0.62)],
        envelope: pose(left + 62.0, 478.0, 1.0),
        dice: pose(left + 262.0, 190.0, 1.0),
        card_out: pose(left + 170.0, 250.0, 0.8),
        card_gate: pose(408.0, 64.0, 1.0),
        gate: pose(500.0, 64.0, 1.0),
        lines: (pose(536.0, 56.0, 1.0), 22.0),
        line_len: 29,
        stamp: pose(728.0, 140.0, 1.0),
        hexagon: pose(722.0, 222.0, 0.94),
        kms_dice: pose(548.0, 192.0, 1.0),
        kms_key: pose(620.0, 192.0, 0.86),
        kms_envelope: pose(600.0, 276.0, 0.9),
        disk_message: pose(572.0, 444.0, 0.62),
        disk_envelope: pose(724.0, 444.0, 0.9),
    }
}

fn tall(works: Place) -> Layout {
    let (top, height) = (240.0, 172.0);
    let (person, store) = match works {
        Place::Person => (area(1.0, top, 264.0, height), area(275.0, top, 84.0, height)),
        _ => (area(1.0, top, 84.0, height), area(95.0, top, 264.0, height)),
    };
    let left = if works == Place::Person { person.x } else { store.x };
    Layout {
        is_tall: true,
        size: (360.0, 530.0),
        person,
        store,
        kms: area(1.0, 1.0, 358.0, 192.0),
        disk: area(1.0, 428.0, 358.0, 101.0),
        badge: pose(if works == Place::Person { 30.0 } else { 43.0 }, top + 46.0, 0.74),
        with_person: pose(43.0, top + 122.0, 0.56),
        with_store: if works == Place::Person { pose(317.0, top + 104.0, 0.5) } else { pose(left + 52.0, top + 96.0, 0.7) },
        work: pose(left + 52.0, top + 98.0, 0.7),
        key: pose(left + 134.0, top + 54.0, 0.74),
        derived: [pose(left + 122.0, top + 96.0, 0.42), pose(left + 202.0, top + 96.0, 0.42)],
        envelope: pose(left + 134.0, top + 138.0, 0.66),
        dice: pose(left + 238.0, top + 22.0, 0.7),
        card_out: pose(left + 120.0, top + 60.0, 0.7),
        card_gate: pose(92.0, 217.0, 0.86),
        gate: pose(92.0, 193.0, 0.8),
        lines: (pose(18.0, 50.0, 1.0), 21.0),
        line_len: 26,
        stamp: pose(92.0, 150.0, 0.8),
        hexagon: pose(304.0, 92.0, 0.66),
        kms_dice: pose(224.0, 52.0, 0.8),
        kms_key: pose(224.0, 104.0, 0.66),
        kms_envelope: pose(224.0, 158.0, 0.62),
        disk_message: pose(58.0, 486.0, 0.46),
        disk_envelope: pose(232.0, 486.0, 0.7),
    }
}

fn pose(x: f32, y: f32, scale: f32) -> Pose {
    Pose { x, y, scale }
}

fn area(x: f32, y: f32, w: f32, h: f32) -> Area {
    Area { x, y, w, h }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(area: Area, pose: Pose) -> bool {
        (area.x..area.x + area.w).contains(&pose.x) && (area.y..area.y + area.h).contains(&pose.y)
    }

    #[test]
    fn every_slot_is_in_its_place() {
        for is_tall in [false, true] {
            for works in [Place::Person, Place::Store] {
                let layout = Layout::new(is_tall, works);
                let worker = layout.area(works);
                for slot in [layout.work, layout.key, layout.derived[0], layout.derived[1], layout.envelope, layout.dice] {
                    assert!(inside(worker, slot), "{slot:?} of {layout:?}");
                }
                for slot in [layout.hexagon, layout.kms_dice, layout.kms_key, layout.kms_envelope, layout.stamp, layout.lines.0] {
                    assert!(inside(layout.kms, slot), "{slot:?} of {layout:?}");
                }
                assert!(inside(layout.person, layout.with_person) && inside(layout.store, layout.with_store));
                assert!(inside(layout.disk, layout.disk_message) && inside(layout.disk, layout.disk_envelope));
            }
        }
    }

    #[test]
    fn the_places_do_not_overlap() {
        let apart = |a: Area, b: Area| a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        for is_tall in [false, true] {
            for works in [Place::Person, Place::Store] {
                let layout = Layout::new(is_tall, works);
                let all = [Place::Person, Place::Store, Place::Kms, Place::Disk].map(|place| layout.area(place));
                for (index, one) in all.iter().enumerate() {
                    assert!(all[index + 1..].iter().all(|other| apart(*one, *other)), "{layout:?}");
                }
            }
        }
    }
}
