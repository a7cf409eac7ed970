//! The panel in a notebook: a bar that moves, the numbers, and curves that grow.

use super::line::{clock, number};
use super::{Moment, Reporter, Schedule};
use crate::display::{Bundle, LiveDisplay};
use crate::text::{escape, thousands};
use crate::{Error, History};
use std::time::{Duration, Instant};

/// Drawing costs more than counting, so quick epochs share a drawing.
const DRAWING_PAUSE: Duration = Duration::from_millis(250);

pub(super) struct Panel {
    schedule: Schedule,
    display: LiveDisplay,
    begin: Instant,
    lines: Vec<String>,
    latest: Moment,
    curves: String,
    drawn: Option<Instant>,
}

impl Panel {
    pub fn new(schedule: Schedule) -> Self {
        let latest = Moment { epoch: schedule.initial_epoch, batches: 0, seconds: 0.0, measures: Vec::new() };
        let (begin, display) = (Instant::now(), LiveDisplay::new());
        Self { schedule, display, begin, lines: Vec::new(), latest, curves: String::new(), drawn: None }
    }

    /// While it runs, the text is that of the present epoch; at the end it is that of all.
    fn show(&mut self, moment: &Moment) {
        self.latest = moment.clone();
        if self.display.is_due() {
            let text = format!("{}\n{}", self.schedule.epoch_line(moment.epoch), self.schedule.bar_line(moment));
            let bundle = Bundle::text(text).with("text/html", self.html(moment, ""));
            self.display.update(&bundle);
        }
    }

    /// A picture that cannot be drawn leaves the place empty: the numbers stand beside it anyway.
    fn draw(&mut self, history: &History) {
        let svg = history.figure().svg().unwrap_or_default();
        // Narrow pages shrink it.
        self.curves = svg.replacen("<svg ", "<svg style=\"max-width:100%;height:auto\" ", 1);
        self.drawn = Some(Instant::now());
    }

    fn html(&self, moment: &Moment, ending: &str) -> String {
        let Schedule { batches, epochs, .. } = self.schedule;
        let done = moment.batches as f64 / batches.max(1) as f64;
        let whole = (moment.epoch as f64 + done) / epochs.max(1) as f64;
        let state = if ending.is_empty() { self.state(moment) } else { ending.into() };
        format!(
            "<div style=\"background:#fff;color:#24292f;border:1px solid #d0d7de;border-radius:8px;\
             padding:10px 14px;max-width:850px;box-sizing:border-box;font-size:13px\">\
             <div style=\"display:flex;justify-content:space-between;margin-bottom:6px\">\
             <b>{}</b><span style=\"color:#57606a\">{}</span></div>{}{}\
             <div style=\"display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:8px\">{}</div>{}</div>",
            self.schedule.epoch_line(moment.epoch),
            escape(&state),
            bar(done, "#0072b2", 8),
            bar(whole, "#8c959f", 3),
            moment.measures.iter().map(chip).collect::<String>(),
            self.curves
        )
    }

    /// `1,204/3,688 batches · 52,000 samples/s · 3s left`.
    fn state(&self, moment: &Moment) -> String {
        let Schedule { batches, samples, .. } = self.schedule;
        let count = format!("{}/{} batches", thousands(moment.batches), thousands(batches));
        if moment.seconds == 0.0 || moment.batches == 0 {
            return count;
        }
        let rate = samples as f64 * moment.batches as f64 / batches as f64 / moment.seconds;
        format!("{count} · {} samples/s · {} left", thousands(rate as usize), clock(self.seconds_left(moment)))
    }

    /// How long all remaining epochs will take.
    fn seconds_left(&self, moment: &Moment) -> f64 {
        let epochs_left = (self.schedule.epochs - moment.epoch).saturating_sub(1) as f64;
        let epoch = moment.seconds * self.schedule.batches as f64 / moment.batches.max(1) as f64;
        self.schedule.seconds_left(moment) + epochs_left * epoch
    }
}

impl Reporter for Panel {
    fn begin_epoch(&mut self, epoch: usize) {
        if self.schedule.epochs > 1 {
            self.lines.push(self.schedule.epoch_line(epoch));
        }
        let measures = std::mem::take(&mut self.latest.measures);
        self.show(&Moment { epoch, batches: 0, seconds: 0.0, measures });
    }

    fn moved(&mut self, moment: &Moment) {
        self.show(moment);
    }

    fn end_epoch(&mut self, moment: &Moment, history: &History) {
        self.lines.push(self.schedule.bar_line(moment));
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= DRAWING_PAUSE) {
            self.draw(history);
        }
        self.show(moment);
    }

    fn end(mut self: Box<Self>, history: &History, error: Option<&Error>) {
        if !history.epoch().is_empty() {
            self.draw(history);
        }
        let ending = match error {
            None => format!("done in {}", clock(self.begin.elapsed().as_secs_f64())),
            Some(Error::Interrupted { .. }) => "interrupted".into(),
            Some(_) => "stopped by an error".into(),
        };
        let bundle = Bundle::text(self.lines.join("\n")).with("text/html", self.html(&self.latest, &ending));
        self.display.finish(&bundle);
    }
}

fn bar(share: f64, colour: &str, height: usize) -> String {
    let percent = 100.0 * share.clamp(0.0, 1.0);
    format!(
        "<div style=\"background:#eaeef2;border-radius:4px;height:{height}px;margin-top:3px\">\
         <div style=\"background:{colour};border-radius:4px;height:{height}px;width:{percent:.1}%\"></div></div>"
    )
}

fn chip((name, value): &(String, f64)) -> String {
    let value = number(*value);
    format!(
        "<span><span style=\"color:#57606a\">{}</span> <b style=\"font-family:monospace\">{value}</b></span>",
        escape(name)
    )
}
