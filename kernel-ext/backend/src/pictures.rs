//! Figures become pictures.

use engine_api::{Draw, Error, Picture};

pub fn draw(_: Draw) -> Result<Picture, Error> {
    Err(Error::Unknown { name: "draw".into(), known: Vec::new() })
}
