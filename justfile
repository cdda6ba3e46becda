# The menu of development commands; `just` alone prints it. CI runs the same words (.ci/run).

_default:
    @just --list --unsorted

# Format, lints, tidy and documentation: everything but running the tests.
check:
    cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings && just tidy && just doc

# The tests and the examples in the documentation.
test *ARGUMENTS:
    cargo test --workspace {{ARGUMENTS}}

# The tests that need data or minutes as well.
test-all:
    cargo test --workspace -- --include-ignored

# One benchmark of Hornblende as a JSON line: `just bench mlp`. See bench/README.md for the peers.
bench WORKLOAD:
    cargo run --release --package hornblende-bench -- {{WORKLOAD}}

# Arrows between crates and modules, family lists, file sizes and other habits.
tidy *ARGUMENTS:
    cargo xtask tidy {{ARGUMENTS}}

# The documentation, with warnings as errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Licences, advisories and duplicates of the dependencies; needs cargo-deny.
deny:
    cargo deny check

# All examples of the notes with small data and few epochs: docs/seeds.md lists them.
seeds:
    #!/usr/bin/env sh
    set -e
    cargo build --release --package hornblende --examples
    for source in crates/hornblende/examples/seeds/*.rs; do
        name=seed_$(basename "$source" .rs)
        echo "== $name"
        HORNBLENDE_EPOCHS=1 HORNBLENDE_SAMPLES=500 "${CARGO_TARGET_DIR:-target}/release/examples/$name"
    done
