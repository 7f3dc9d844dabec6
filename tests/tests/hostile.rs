//! Every fuzz target over its committed seeds, and over mutations of them that are the same in every run. `cargo xtask fuzz` looks further.

use std::path::Path;

use waxseal_tests::hostile::{TARGETS, Target};

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            do_no_harm(stringify!($name));
        })*

        /// Each test, which is that of a target.
        const TESTS: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! { arns calls ciphertext_blob encrypted_data_keys frames grant_tokens header http policy stream }

/// Runs a target over its seeds and their mutations.
fn do_no_harm(name: &str) {
    let Target { run, .. } = TARGETS.into_iter().find(|target| target.name == name).unwrap();
    let seeds = seeds(name);
    seeds.iter().for_each(|seed| run(seed));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..MUTATIONS {
        run(&mutation(&seeds, &mut random));
    }
}

/// A target without a program is not fuzzed, and a folder of seeds without a target is not read.
#[test]
fn every_target_has_a_program_and_seeds() {
    let names = |folder: &str| {
        let entries = std::fs::read_dir(fuzz_folder().join(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let mut known = TARGETS.map(|target| target.name);
    known.sort_unstable();
    assert_eq!(known.as_slice(), TESTS);
    assert_eq!(names("targets"), TESTS);
    assert_eq!(names("seeds"), TESTS);
}

fn fuzz_folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"))
}

/// The seeds of a target, in order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(fuzz_folder().join("seeds").join(target)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A seed with a few of its bytes changed, taken away, doubled, replaced by odd ones, or by a part of another seed.
fn mutation(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(3) {
        let (from, to) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        let range = from.min(to)..from.max(to).min(from.min(to) + 40);
        match random.below(5) {
            0 if !bytes.is_empty() => bytes[from.min(to).min(range.end.saturating_sub(1))] ^= 1 << random.below(8),
            1 => drop(bytes.drain(range)),
            2 => {
                let part = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, part);
            }
            3 => drop(bytes.splice(range, ODD[random.below(ODD.len())].iter().copied())),
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let start = random.below(other.len() + 1);
                drop(bytes.splice(range, other[start..].iter().copied().take(80)));
            }
        }
    }
    bytes
}

/// Xorshift, which needs no crate and is the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// What parsers stumble over.
const ODD: [&[u8]; 14] = [
    b"",
    b"\0",
    b"\"",
    b"\\",
    b"\\ud800",
    b"[[[[[[[[",
    b"{\"\":{\"\":",
    b"null",
    b"-1",
    b"1e400",
    b"18446744073709551616",
    b"\xff\xfe",
    b"*",
    b"${",
];

const MUTATIONS: usize = 1000;
