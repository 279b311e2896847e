// SPDX-License-Identifier: Apache-2.0
mod shapes;
use shapes::{Area, Circle, Kind};
fn largest<T: PartialOrd + Copy>(v: &[T]) -> T {
    let mut m = v[0];
    for &x in v {
        if x > m {
            m = x;
        }
    }
    m
}
static LIMIT: u32 = 7;
fn main() {
    let c = Circle::new(2.0);
    let f = |x: i32| {
        x + 1
    };
    let k = if c.r > 1.0 { Kind::Round(c) } else { Kind::Square { side: LIMIT } };
    let n = match &k { Kind::Round(c) => c.area(), Kind::Square { side } => *side as f64, Kind::Empty => 0.0 };
    println!("{} {} {}", n, f(2), largest(&[1, 2]) as f64 + largest(&[1.0, 2.0]));
}
