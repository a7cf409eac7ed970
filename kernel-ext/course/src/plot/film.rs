//! Pictures one after the other, with a slider.

use super::Figure;
use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Error, Report, Result, expect_good};
use engine_api::base64;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Figures that are looked at one by one: a slider chooses. Where nothing can be moved, as on paper, the last one is
/// seen.
///
/// ```
/// use course::prelude::*;
/// let frames = (0..3).map(|epoch| (format!("epoch {epoch}"), Figure::new().line(&[0.0, epoch as f64])));
/// let film = Film::new(frames);
/// assert_eq!(film.to_string(), "<Film of 3 pictures, from \"epoch 0\" to \"epoch 2\">");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    frames: Vec<(String, Figure)>,
}

impl Film {
    /// A film of these pictures, each with its caption.
    ///
    /// # Panics
    /// When there are none.
    #[track_caller]
    pub fn new<C: Into<String>>(frames: impl IntoIterator<Item = (C, Figure)>) -> Self {
        let frames: Vec<_> = frames.into_iter().map(|(caption, figure)| (caption.into(), figure)).collect();
        if frames.is_empty() {
            expect_good::<()>(Err(Error::data(Report::new("Film::new", "a film has at least one picture"))));
        }
        Self { frames }
    }

    /// The pictures with their captions.
    pub fn frames(&self) -> &[(String, Figure)] {
        &self.frames
    }

    /// The film as a piece of HTML that needs nothing else.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn html(&self) -> Result<String> {
        // Several films on one page must not move each other, and a film that is made again is the same.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = format!("film-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let last = self.frames.len() - 1;
        let mut pictures = String::new();
        for (number, (caption, figure)) in self.frames.iter().enumerate() {
            let hidden = if number == last { "" } else { " style=\"display:none\"" };
            let caption = caption.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            // As images, since a page that does not trust a notebook yet shows those, too.
            let picture = base64(figure.svg()?.as_bytes());
            let image = format!("<img alt=\"{caption}\" src=\"data:image/svg+xml;base64,{picture}\">");
            pictures.push_str(&format!("<figure{hidden}>{image}<figcaption>{caption}</figcaption></figure>\n"));
        }
        let show = "const all=this.parentElement.querySelectorAll('figure');\
                    all.forEach((one,place)=>{one.style.display=place==this.value?'':'none'})";
        Ok(format!(
            "<div id=\"{id}\" class=\"film\">\n<style>#{id} figure{{margin:0}} #{id} img{{max-width:100%}} #{id} figcaption{{font:13px system-ui,sans-serif;\
             margin:2px 0 0 10px}} #{id} input{{width:min(100%,480px)}} @media print{{#{id} input{{display:none}}}}</style>\n\
             <input type=\"range\" min=\"0\" max=\"{last}\" value=\"{last}\" aria-label=\"which picture\" oninput=\"{show}\">\n\
             {pictures}</div>\n"
        ))
    }

    /// Writes the film to an HTML file.
    ///
    /// # Errors
    /// When a picture cannot be drawn or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let place = path.as_ref().display().to_string();
        let page = format!("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>{self}</title>\n{}", self.html()?);
        std::fs::write(path, page)
            .map_err(|error| Error::Backend(engine_api::Error::Outside { place, message: error.to_string() }))
    }
}

impl fmt::Display for Film {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, .., last] = self.frames.as_slice() else {
            return write!(f, "<Film of one picture, \"{}\">", self.frames[0].0);
        };
        write!(f, "<Film of {} pictures, from \"{}\" to \"{}\">", self.frames.len(), first.0, last.0)
    }
}

impl Show for Film {
    /// The film, its last picture, and a description.
    fn bundle(&self) -> Bundle {
        let text = Bundle::text(self.to_string());
        match (self.html(), self.frames[self.frames.len() - 1].1.svg()) {
            (Ok(html), Ok(svg)) => text.with("text/html", html).with("image/svg+xml", svg),
            (Err(error), _) | (_, Err(error)) => Bundle::text(format!("{self}\nit could not be drawn: {error}")),
        }
    }
}

shows_itself!(Film);
