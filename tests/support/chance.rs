//! Chance that can be had again: each test with random steps prints its seed, and takes it from the environment.

use std::time::SystemTime;

use proptest::test_runner::{Config, RngSeed};

/// The variable that makes the random steps of a run again.
pub const SEED: &str = "SDNLOCK_SEED";

/// The seed of this test. It is printed, and so shown if the test fails.
pub fn seed() -> u64 {
    let given = std::env::var(SEED).ok();
    let seed =
        given.map_or_else(fresh, |given| given.parse().unwrap_or_else(|_| panic!("{SEED}={given} is not a number")));
    println!("the same steps again: {SEED}={seed}");
    seed
}

fn fresh() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    (u64::from(since.subsec_nanos()) << 20) ^ since.as_secs() ^ u64::from(std::process::id())
}

/// So many cases of a property, or as many as `PROPTEST_CASES` says.
pub fn cases(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(cases);
    let rng_seed = RngSeed::Fixed(seed());
    Config {
        cases,
        failure_persistence: None,
        max_global_rejects: cases.saturating_mul(8),
        rng_seed,
        ..Config::default()
    }
}

/// A cheap source of chance.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        // Seeds that differ little give steps that differ much (splitmix64).
        let mixed = (seed.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    pub fn next(&mut self) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below this one.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// An index below this length.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}
