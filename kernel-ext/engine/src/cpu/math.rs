//! Transcendental functions of `f32` as plain arithmetic without branches, which the compiler turns into
//! vector code inside a loop. They are at most a few units in the last place off, right at infinities
//! and NaN, and give the same bits with every set of vector instructions, for which they do without
//! fused operations. They take denormal numbers, and `exp` gives none.
//!
//! Polynomials: Cephes (Moshier), `expf.c` and `logf.c`; for `erf` those of N. Juffa.

/// 1.5 times 2 to the 23: adding it rounds to whole numbers, which then lie in the lowest bits.
const ROUND: f32 = 12_582_912.0;

/// ln 2 in two parts, of which a whole number times the first is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);

/// Numbers below this are set to zero where many may come: they are far below the precision of whatever
/// they are added to, what they are multiplied with may make denormal numbers of them, and many
/// processors take a hundred times as long for these.
const NEGLIGIBLE: f32 = 1e-30;
const NEGLIGIBLE_ROOT: f32 = 1e-15;

/// `number`, or 0 where it is negligible.
#[inline(always)]
pub fn flush(number: f32) -> f32 {
    if number.abs() < NEGLIGIBLE { 0.0 } else { number }
}

/// `number` times itself, or 0 where that is negligible.
#[inline(always)]
pub fn square(number: f32) -> f32 {
    let number = if number.abs() < NEGLIGIBLE_ROOT { 0.0 } else { number };
    number * number
}

/// The number between the bounds that is nearest, and NaN for NaN.
#[inline(always)]
fn between(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `coefficients[0] + coefficients[1] x + ...`.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for place in (0..N - 1).rev() {
        sum = sum * x + coefficients[place];
    }
    sum
}

/// 2 to a power within -126..=127.
#[inline(always)]
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits((exponent.wrapping_add(127) << 23) as u32)
}

/// The whole number `n` and `exp(r) - 1` of `x = n ln 2 + r`, for numbers of moderate size.
#[inline(always)]
fn reduce(x: f32) -> (i32, f32) {
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let whole = rounded - ROUND;
    let r = (x - whole * LN_2.0) - whole * LN_2.1;
    let terms = [0.5, 1.666_666_5e-1, 4.166_579_6e-2, 8.333_452e-3, 1.398_2e-3, 1.987_569_1e-4];
    let exponent = (rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    (exponent, r + r * r * polynomial(r, terms))
}

/// Where `exp` is 0: beyond, it would be a denormal number.
const LEAST_EXPONENT: f32 = -87.33;

/// The exponential function.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (exponent, rest) = reduce(between(x, LEAST_EXPONENT, 89.0));
    // Two factors reach the largest numbers.
    let half = exponent >> 1;
    let result = (1.0 + rest) * power_of_two(half) * power_of_two(exponent.wrapping_sub(half));
    if x < LEAST_EXPONENT { 0.0 } else { result }
}

/// `exp(x) - 1`, with all digits for small numbers.
#[inline(always)]
pub fn exp_m1(x: f32) -> f32 {
    let (exponent, rest) = reduce(between(x, -20.0, 89.0));
    let half = exponent >> 1;
    let other = exponent.wrapping_sub(half);
    let (scale, one) = (power_of_two(half), power_of_two(other.wrapping_neg()));
    let result = (scale * rest + (scale - one)) * power_of_two(other);
    // Keeps the sign of zero and the bits of denormal numbers.
    if x.abs() < 1e-7 { x } else { result }
}

/// The natural logarithm.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let is_denormal = x < f32::MIN_POSITIVE;
    let bits = if is_denormal { x * 8_388_608.0 } else { x }.to_bits() as i32;
    // The mantissa lies between the root of 1/2 and that of 2.
    let offset = bits.wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits() as i32);
    let exponent = ((offset >> 23) - if is_denormal { 23 } else { 0 }) as f32;
    let mantissa =
        f32::from_bits((offset & 0x007f_ffff).wrapping_add(std::f32::consts::FRAC_1_SQRT_2.to_bits() as i32) as u32);
    let r = mantissa - 1.0;
    let terms = [
        3.333_333e-1,
        -2.499_999_4e-1,
        2.000_071_5e-1,
        -1.666_805_8e-1,
        1.424_932_3e-1,
        -1.242_014_1e-1,
        1.167_699_9e-1,
        -1.151_461e-1,
        7.037_683_6e-2,
    ];
    let square = r * r;
    let tail = polynomial(r, terms) * r * square + exponent * LN_2.1 - 0.5 * square;
    let result = r + tail + exponent * LN_2.0;
    let result = if x == 0.0 { f32::NEG_INFINITY } else { result };
    // Infinity and NaN are their own logarithms; negative numbers have none.
    let result = if x < f32::INFINITY { result } else { x };
    if x < 0.0 { f32::NAN } else { result }
}

/// `ln(1 + x)`, with all digits for small numbers.
#[inline(always)]
pub fn ln_1p(x: f32) -> f32 {
    let sum = 1.0 + x;
    // What rounding took from the sum is given back in proportion.
    let result = ln(sum) * (x / (sum - 1.0));
    let result = if sum == 1.0 { x } else { result };
    if x == f32::INFINITY { x } else { result }
}

/// `1 / (1 + exp(-x))`.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let small = exp(-x.abs());
    // For negative numbers this form loses no digits where the result is tiny.
    (if x < 0.0 { small } else { 1.0 }) / (1.0 + small)
}

/// `ln(1 + exp(x))`, without overflow.
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + ln_1p(exp(-x.abs()))
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let twice = exp_m1(2.0 * between(x.abs(), 0.0, 10.0));
    (twice / (twice + 2.0)).copysign(x)
}

/// The error function: twice the integral of the bell curve `exp(-t t) / sqrt(pi)` from 0 to `x`.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let size = between(x.abs(), 0.0, 4.0);
    let near = [1.283_791_7e-1, -3.761_253_4e-1, 1.128_199_2e-1, -2.676_813_5e-2, 4.991_194e-3, -5.967_617e-4];
    let far = [
        -1.287_175_1e-1,
        -6.348_467e-1,
        -1.067_778_8e-1,
        2.425_462_2e-2,
        -3.883_964_4e-3,
        3.831_971_3e-4,
        -1.728_534_7e-5,
    ];
    let near = size + size * polynomial(size * size, near);
    let far = 1.0 - exp(-size + size * polynomial(size, far));
    (if size < 0.927_734_4 { near } else { far }).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distance in units in the last place of the right result, whose own rounding counts one half.
    fn distance(computed: f32, exact: f64) -> f64 {
        let rounded = exact as f32;
        if computed == rounded || (computed.is_nan() && rounded.is_nan()) {
            return 0.0;
        }
        let unit = (f64::from(rounded.abs().next_up()) - f64::from(rounded.abs())).max(f64::from(f32::from_bits(1)));
        (f64::from(computed) - exact).abs() / unit
    }

    /// The series of Abramowitz and Stegun 7.1.6, whose terms are all positive.
    fn exact_erf(x: f64) -> f64 {
        if x.abs() > 6.0 || x.is_nan() {
            return if x.is_nan() { x } else { x.signum() };
        }
        let (mut term, mut sum, mut place) = (x, x, 0.0);
        while term.abs() > 1e-18 * sum.abs() {
            place += 1.0;
            term *= 2.0 * x * x / (2.0 * place + 1.0);
            sum += term;
        }
        sum * (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn what_is_negligible_becomes_0_and_nothing_becomes_denormal() {
        let numbers = |low: f32, high: f32| (0..1000).map(move |place| low + (high - low) * place as f32 / 1000.0);
        for x in numbers(-110.0, -80.0) {
            for (name, y) in [("exp", exp(x)), ("sigmoid", sigmoid(x)), ("softplus", softplus(x))] {
                assert!(!y.is_subnormal(), "{name}({x}) = {y:e}");
            }
        }
        for x in numbers(-45.0, 10.0).map(|exponent| 10_f32.powf(exponent)) {
            let (x, squared) = (flush(x), square(x));
            assert!(!x.is_subnormal() && !squared.is_subnormal(), "{x:e} {squared:e}");
            assert!(squared == x * x || (squared == 0.0 && x < 1e-15), "{x:e} {squared:e}");
        }
        assert!(flush(f32::NAN).is_nan() && square(f32::NAN).is_nan());
        assert_eq!((flush(f32::NEG_INFINITY), square(-2.0)), (f32::NEG_INFINITY, 4.0));
    }

    #[test]
    fn every_function_is_close_over_its_whole_range() {
        type Case = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64);
        fn exact_exp(x: f64) -> f64 {
            if x < f64::from(LEAST_EXPONENT) { 0.0 } else { x.exp() }
        }
        fn exact_sigmoid(x: f64) -> f64 {
            let small = exact_exp(-x.abs());
            (if x < 0.0 { small } else { 1.0 }) / (1.0 + small)
        }
        let cases: [Case; 8] = [
            ("exp", exp, exact_exp, 1.5),
            ("exp_m1", exp_m1, f64::exp_m1, 2.0),
            ("ln", ln, f64::ln, 1.5),
            ("ln_1p", ln_1p, f64::ln_1p, 3.0),
            ("tanh", tanh, f64::tanh, 3.0),
            ("sigmoid", sigmoid, exact_sigmoid, 2.5),
            ("softplus", softplus, |x| x.max(0.0) + exact_exp(-x.abs()).ln_1p(), 2.5),
            ("erf", erf, exact_erf, 2.0),
        ];
        let special =
            [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MIN_POSITIVE, f32::MAX, f32::MIN, -1.0];
        // An interpreter takes a thousandth of the numbers.
        let thinned = if cfg!(miri) { 1000 } else { 1 };
        let all = (0..u32::MAX).step_by(4099 * thinned).map(f32::from_bits).chain(special);
        // Most bit patterns are tiny or huge; these are the numbers that occur.
        let usual = (0..400_000).step_by(thinned).map(|place| (place - 200_000) as f32 * 5e-4);
        let numbers: Vec<f32> = all.chain(usual).collect();
        for (name, function, exact, most) in cases {
            let mut worst = (0.0, 0.0);
            for &x in &numbers {
                let (y, exact) = (function(x), exact(f64::from(x)));
                let off = distance(y, exact);
                if off > worst.0 || off.is_nan() {
                    worst = (off, x);
                }
            }
            println!("{name}: {} at {:e}", worst.0, worst.1);
            assert!(worst.0 <= most, "{name} is {} units off at {:e}: {:e}", worst.0, worst.1, function(worst.1));
        }
    }
}
