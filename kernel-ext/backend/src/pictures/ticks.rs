//! Where the ticks of an axis stand and what they are called.

/// Positions with their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ticks {
    /// Multiples of 1, 2 or 5 times a power of ten.
    pub positions: Vec<f64>,
    /// One name a position, all with the same number of digits after the point.
    pub names: Vec<String>,
}

impl Ticks {
    /// At most `count` ticks (but at least two fit any range) inside `low..=high`.
    pub fn nice(low: f64, high: f64, count: usize, whole: bool) -> Self {
        let smallest = if whole { 1.0 } else { 0.0 };
        let step = nice_step((high - low) / count.max(1) as f64).max(smallest);
        let tolerance = 1e-9 * step;
        let first = ((low - tolerance) / step).ceil();
        let last = ((high + tolerance) / step).floor();
        let positions: Vec<f64> = (0..).map(|i| first + f64::from(i)).take_while(|i| *i <= last).collect();
        let positions: Vec<f64> = positions.iter().map(|i| i * step + 0.0).collect();
        let names = positions.iter().map(|position| name(*position, step, low.abs().max(high.abs()))).collect();
        Self { positions, names }
    }

    /// The name of a tick; empty where none stands.
    pub fn name_at(&self, position: f64) -> String {
        let place = self.positions.iter().position(|p| *p == position);
        place.map(|place| self.names[place].clone()).unwrap_or_default()
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn nice_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

fn name(position: f64, step: f64, largest: f64) -> String {
    let digits = -((step * (1.0 + 1e-9)).log10().floor() as i32);
    if largest >= 1e5 || digits > 4 {
        let exponent = largest.log10().floor() as i32;
        let digits = (exponent + digits).clamp(0, 12) as usize;
        return if position == 0.0 { "0".into() } else { scientific(position, exponent, digits) };
    }
    let digits = digits.max(0) as usize;
    format!("{position:.digits$}").replace('-', "−")
}

/// Such as `2.5e−6`: the same exponent on the whole axis, so that the names can be compared.
fn scientific(position: f64, exponent: i32, digits: usize) -> String {
    let mantissa = position / 10f64.powi(exponent);
    format!("{mantissa:.digits$}e{exponent}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(low: f64, high: f64, count: usize, whole: bool, names: &str) {
        let ticks = Ticks::nice(low, high, count, whole);
        assert_eq!(ticks.names.join(" "), names, "{low}..{high} with {count}");
        assert!(ticks.positions.len() <= count + 1);
        assert!(ticks.positions.iter().all(|position| (low - 1e-9..=high + 1e-9).contains(position)));
    }

    #[test]
    fn ticks_are_round_numbers() {
        check(0.0, 1.0, 5, false, "0.0 0.2 0.4 0.6 0.8 1.0");
        check(0.0, 10.0, 5, false, "0 2 4 6 8 10");
        check(-0.04, 0.11, 5, false, "0.00 0.05 0.10");
        check(-1.2, 1.2, 5, false, "−1.0 −0.5 0.0 0.5 1.0");
        check(0.9521, 0.9893, 4, false, "0.96 0.97 0.98");
        check(0.0, 59999.0, 4, true, "0 20000 40000");
        check(1.0, 3.0, 8, true, "1 2 3");
        check(1.0, 3.0, 4, false, "1.0 1.5 2.0 2.5 3.0");
        check(-0.5, 9.5, 10, true, "0 1 2 3 4 5 6 7 8 9");
        check(0.0, 3e6, 3, false, "0 1e6 2e6 3e6");
        check(0.0, 4e-6, 4, false, "0 1e−6 2e−6 3e−6 4e−6");
        check(0.0, 2.5e-6, 5, false, "0 0.5e−6 1.0e−6 1.5e−6 2.0e−6 2.5e−6");
        check(1e9, 1e9 + 2.0, 2, false, "1.000000000e9 1.000000001e9 1.000000002e9");
    }

    #[test]
    fn names_belong_to_positions() {
        let ticks = Ticks::nice(0.0, 1.0, 2, false);
        assert_eq!((ticks.name_at(0.5), ticks.name_at(0.3)), ("0.5".to_string(), String::new()));
    }
}
