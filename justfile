# The commands of README, CONTRIBUTING and CI, by name: `just --list`. Nothing here does more than
# the line it runs.

# What can be run
default:
    @just --list

# The bundle on this machine, ready when it prints `ready`
dev *ARGS:
    cargo run -- dev {{ARGS}}

# Every test that needs nothing but Rust
test *ARGS:
    cargo test --workspace {{ARGS}}

# The tests of one crate
test-of CRATE *ARGS:
    cargo test -p {{CRATE}} {{ARGS}}

# Format, then lints as the gate has them
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets --features tests/aws --locked -- -D warnings

# The real binaries under a Lambda of our own; `just aws f25` runs a part
aws *TEST:
    .ci/aws {{TEST}}

# The chat page in headless Chromium
browser *ARGS:
    .ci/browser {{ARGS}}

# The template, by the tools of those who made its format
template:
    .ci/template

# Which tests prove which line of docs/faults.md
faults:
    cargo xtask faults

# Cold starts and sizes
bench *ARGS:
    cargo xtask bench {{ARGS}}

# Everything that CI runs
gate:
    .ci/run

# What `sam build` makes, and whether it runs on the processor: `just sam arm64`
sam *PROCESSOR:
    .ci/sam {{PROCESSOR}}

# To AWS
deploy *ARGS:
    sam build
    cargo xtask check-build
    sam deploy {{ARGS}}
