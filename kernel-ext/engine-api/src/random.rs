//! Random numbers that depend on a key and a position only, so that every device and every number
//! of threads draws the same ones.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The counter-based generator Philox 4x32-10.
///
/// Source: Salmon et al., *Parallel Random Numbers: As Easy as 1, 2, 3*, SC 2011; the numbers in
/// the example are known answers of the authors' library Random123.
///
/// ```
/// use engine_api::Philox;
/// let block = Philox::block([0, 0, 0, 0], [0, 0]);
/// assert_eq!(block, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[derive(Clone, Debug)]
pub struct Philox {
    key: [u32; 2],
    stream: u64,
    counter: u64,
    waiting: [u32; 4],
    used: usize,
}

impl Philox {
    /// The numbers of `seed` for one purpose; different streams of a seed are independent.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], stream, counter: 0, waiting: [0; 4], used: 4 }
    }

    /// The four words that belong to one counter and one key.
    #[inline(always)]
    pub fn block(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
        for round in 0..10 {
            if round > 0 {
                key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
            }
            let a = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
            let b = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
            counter =
                [(b >> 32) as u32 ^ counter[1] ^ key[0], b as u32, (a >> 32) as u32 ^ counter[3] ^ key[1], a as u32];
        }
        counter
    }

    /// The next 32 random bits.
    pub fn bits(&mut self) -> u32 {
        if self.used == 4 {
            let counter =
                [self.counter as u32, (self.counter >> 32) as u32, self.stream as u32, (self.stream >> 32) as u32];
            self.waiting = Self::block(counter, self.key);
            self.counter += 1;
            self.used = 0;
        }
        self.used += 1;
        self.waiting[self.used - 1]
    }

    /// A number that is uniform in [0, 1), a multiple of 2^-24.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number from the standard normal distribution (Box and Muller, 1958).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * f64::ln(1.0 - f64::from(self.uniform()))).sqrt();
        let angle = std::f64::consts::TAU * f64::from(self.uniform());
        (radius * angle.cos()) as f32
    }

    /// A whole number that is uniform in 0..`bound` (Lemire, 2019, with rejection, so without bias).
    pub fn below(&mut self, bound: u32) -> u32 {
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u64::from(self.bits()) * u64::from(bound);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// The numbers 0..`len` in random order (Fisher and Yates).
    pub fn permutation(&mut self, len: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..len as u32).collect();
        for last in (1..len).rev() {
            order.swap(last, self.below(last as u32 + 1) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::Philox;

    #[test]
    fn known_answers_of_random123() {
        let ones = [u32::MAX; 4];
        assert_eq!(Philox::block(ones, [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let answer = [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1];
        assert_eq!(Philox::block(pi, [0xa409_3822, 0x299f_31d0]), answer);
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut order = Philox::new(7, 0).permutation(1000);
        assert_ne!(order[..5], [0, 1, 2, 3, 4]);
        order.sort_unstable();
        assert!(order.iter().enumerate().all(|(place, &number)| place == number as usize));
    }
}
