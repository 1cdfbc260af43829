// As chains.c, in Rust.
use std::hint::black_box;

const ROUNDS: usize = 2000;

mod shop {
    use std::hint::black_box;

    pub struct Order {
        pub lines: Vec<u64>,
    }

    impl Order {
        #[inline(never)]
        pub fn load(lines: usize) -> Order {
            black_box(Order { lines: Vec::with_capacity(black_box(lines)) })
        }
    }

    pub trait Draw {
        fn draw(&self, bytes: usize);
    }

    impl Draw for u32 {
        #[inline(never)]
        fn draw(&self, bytes: usize) {
            black_box(vec![1u8; black_box(bytes)]);
        }
    }
}

#[inline(never)]
fn generic<T: Default + Clone>(count: usize) -> Vec<T> {
    black_box(vec![T::default(); black_box(count)])
}

fn main() {
    for _ in 0..ROUNDS {
        black_box(shop::Order::load(100).lines.capacity());
    }
    println!("{}\tmain > sites::main > *::Order::load", ROUNDS * 800);
    let shape: Box<dyn shop::Draw> = black_box(Box::new(1u32));
    for _ in 0..ROUNDS {
        shape.draw(700);
        black_box(&shape);
    }
    println!("{}\tmain > sites::main > *Draw*::draw", ROUNDS * 700);
    for _ in 0..ROUNDS {
        black_box(generic::<u16>(300).len());
    }
    println!("{}\tmain > sites::main > sites::generic*", ROUNDS * 600);
}
