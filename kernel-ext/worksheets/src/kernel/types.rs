//! Types as a reader writes them: `Array2<f32>` for what the compiler calls
//! `ArrayBase<OwnedRepr<f32>, Dim<[usize; 2]>, f32>`.

/// The array types of a text in their short forms; all else as it is.
pub fn readable(text: &str) -> String {
    const ARRAY: &str = "ArrayBase<";
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find(ARRAY) {
        let path = rest[..start].trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':'));
        let inside = &rest[start + ARRAY.len()..];
        let short = arguments(inside).and_then(|(list, length)| Some((short(&list)?, length)));
        match short {
            Some((short, length)) => {
                out.push_str(path);
                out.push_str(&short);
                rest = &inside[length..];
            }
            None => {
                out.push_str(&rest[..start + ARRAY.len()]);
                rest = inside;
            }
        }
    }
    out + rest
}

/// The arguments up to the closing bracket, and how far that reaches.
fn arguments(text: &str) -> Option<(Vec<&str>, usize)> {
    let (mut depth, mut start, mut list) = (0, 0, Vec::new());
    for (index, character) in text.char_indices() {
        match character {
            '<' | '[' | '(' => depth += 1,
            '>' if depth == 0 => {
                list.push(text[start..index].trim());
                return Some((list, index + 1));
            }
            '>' | ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                list.push(text[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    None
}

fn short(arguments: &[&str]) -> Option<String> {
    let [storage, dimension, ..] = arguments else { return None };
    let inside = |text: &str, name: &str| {
        let start = text.find(name)? + name.len();
        Some(text[start..].strip_suffix('>')?.to_owned())
    };
    let (family, element) = if let Some(element) = inside(storage, "OwnedRepr<") {
        ("Array", element)
    } else if let Some(element) = inside(storage, "ViewRepr<&mut ") {
        ("ArrayViewMut", element)
    } else if let Some(element) = inside(storage, "ViewRepr<&") {
        // A lifetime may stand before the element.
        ("ArrayView", element.rsplit_once(' ').map_or(element.clone(), |(_, element)| element.to_owned()))
    } else {
        ("ArcArray", inside(storage, "OwnedArcRepr<")?)
    };
    let rank = match dimension.split_once("[usize; ") {
        Some((_, rank)) => rank.trim_end_matches([']', '>']).to_owned(),
        None if dimension.contains("IxDyn") => "D".to_owned(),
        None => return None,
    };
    Some(format!("{family}{rank}<{element}>"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn arrays_have_their_short_names() {
        let cases = [
            (
                "ndarray::prelude::ArrayBase<ndarray::OwnedRepr<f32>, ndarray::prelude::Dim<[usize; 2]>, f32>",
                "Array2<f32>",
            ),
            ("a: ArrayBase<OwnedRepr<f32>, Dim<[usize; 2]>, f32>", "a: Array2<f32>"),
            ("ArrayBase<ViewRepr<&'a u8>, Dim<IxDynImpl>, u8>", "ArrayViewD<u8>"),
            ("ArrayBase<ViewRepr<&mut f64>, Dim<[usize; 0]>>", "ArrayViewMut0<f64>"),
            ("Vec<(ArrayBase<OwnedRepr<f32>, Dim<[usize; 1]>, f32>, i32)>", "Vec<(Array1<f32>, i32)>"),
            ("ArrayBase<S, D>", "ArrayBase<S, D>"),
            ("ArrayBase<", "ArrayBase<"),
            ("Größe<i32>", "Größe<i32>"),
        ];
        for (long, expected) in cases {
            assert_eq!(super::readable(long), expected);
        }
    }
}
