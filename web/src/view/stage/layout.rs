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
    /// A request at the store.
    pub card_store: Pose,
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

    #[cfg(test)]
    fn area(&self, place: Place) -> Area {
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
        Place::Person => (area(1.0, 1.0, 306.0, 498.0), area(326.0, 326.0, 132.0, 173.0)),
        _ => (area(1.0, 1.0, 132.0, 498.0), area(152.0, 1.0, 306.0, 498.0)),
    };
    let left = if works == Place::Person { person.x } else { store.x };
    Layout {
        is_tall: false,
        size: (800.0, 500.0),
        person,
        store,
        kms: area(500.0, 1.0, 299.0, 306.0),
        disk: area(500.0, 326.0, 299.0, 173.0),
        badge: if works == Place::Person { pose(44.0, 62.0, 0.72) } else { pose(67.0, 76.0, 1.0) },
        with_person: pose(67.0, 196.0, 0.8),
        with_store: if works == Place::Person { pose(392.0, 432.0, 0.56) } else { pose(left + 66.0, 150.0, 0.94) },
        work: pose(left + 66.0, if works == Place::Person { 170.0 } else { 152.0 }, 0.94),
        key: pose(left + 62.0, 280.0, 1.0),
        derived: [pose(left + 34.0, 356.0, 0.56), pose(left + 174.0, 356.0, 0.56)],
        envelope: pose(left + 62.0, 434.0, 1.0),
        dice: pose(left + 262.0, 152.0, 1.0),
        card_out: pose(left + 196.0, 219.0, 0.9),
        card_gate: pose(398.0, 66.0, 1.0),
        card_store: if works == Place::Person { pose(392.0, 402.0, 0.82) } else { pose(left + 205.0, 84.0, 1.0) },
        gate: pose(500.0, 66.0, 1.0),
        lines: (pose(536.0, 57.0, 1.0), 21.0),
        line_len: 29,
        stamp: pose(722.0, 140.0, 0.96),
        hexagon: pose(718.0, 214.0, 0.82),
        kms_dice: pose(546.0, 176.0, 1.0),
        kms_key: pose(618.0, 176.0, 0.82),
        kms_envelope: pose(590.0, 264.0, 0.9),
        disk_message: pose(572.0, 415.0, 0.48),
        disk_envelope: pose(713.5, 411.0, 0.88),
    }
}

fn tall(works: Place) -> Layout {
    let (top, height) = (216.0, 156.0);
    let (person, store) = match works {
        Place::Person => (area(1.0, top, 264.0, height), area(275.0, top, 84.0, height)),
        _ => (area(1.0, top, 84.0, height), area(95.0, top, 264.0, height)),
    };
    let left = if works == Place::Person { person.x } else { store.x };
    Layout {
        is_tall: true,
        size: (360.0, 468.0),
        person,
        store,
        kms: area(1.0, 1.0, 358.0, 167.0),
        disk: area(1.0, 382.0, 358.0, 85.0),
        badge: if works == Place::Person { pose(240.0, top + 26.0, 0.62) } else { pose(43.0, top + 46.0, 0.74) },
        with_person: pose(43.0, top + 112.0, 0.56),
        with_store: if works == Place::Person { pose(317.0, top + 96.0, 0.5) } else { pose(left + 52.0, top + 84.0, 0.62) },
        work: pose(left + 50.0, top + 86.0, 0.62),
        key: pose(left + 130.0, top + 52.0, 0.7),
        derived: [pose(left + 118.0, top + 88.0, 0.4), pose(left + 198.0, top + 88.0, 0.4)],
        envelope: pose(left + 130.0, top + 124.0, 0.66),
        dice: pose(left + 200.0, top + 22.0, 0.7),
        card_out: pose(left + 178.0, top + 72.0, 1.0),
        card_gate: pose(208.0, 192.0, 1.0),
        card_store: if works == Place::Person { pose(282.0, top + 44.0, 1.0) } else { pose(left + 176.0, top + 48.0, 1.0) },
        gate: pose(92.0, 168.0, 0.8),
        lines: (pose(18.0, 46.0, 1.0), 20.0),
        line_len: 25,
        stamp: pose(92.0, 130.0, 0.82),
        hexagon: pose(300.0, 74.0, 0.62),
        kms_dice: pose(206.0, 46.0, 0.72),
        kms_key: pose(206.0, 88.0, 0.62),
        kms_envelope: pose(202.0, 138.0, 0.6),
        disk_message: pose(46.0, 441.0, 0.38),
        disk_envelope: pose(220.0, 430.0, 0.7),
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
