#!/usr/bin/env bash
# Gives the distribution's Rust (rustc-web, cargo-web and rust-web-src, installed before) a standard library for wasm32, built from
# the distribution's own sources, and links it as the rustup toolchain `wasm32-std`. As root; `cargo xtask setup` runs it where
# rustup cannot download the target.
set -euo pipefail
target=wasm32-unknown-unknown
sysroot=/usr/lib/rustlib

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src"
: >"$work/src/lib.rs"
printf '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
# The bitcode keeps fat LTO possible for the crates built on this std.
env -u RUSTUP_TOOLCHAIN -u RUSTC -u RUSTDOC -u CARGO -u LD_LIBRARY_PATH PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 \
  RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$work/target" \
  /usr/bin/cargo build --manifest-path "$work/Cargo.toml" --release --target "$target" \
  -Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test
install -d "$sysroot/$target/lib"
rm -f "$sysroot/$target/lib/"*.rlib
cp "$work/target/$target/release/deps/"lib*.rlib "$sysroot/$target/lib/"
rm -f "$sysroot/$target/lib/"libseed-*.rlib

# The distribution's compiler has no linker for wasm: rustup's toolchains have one, and so has the package lld.
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
lld=$(ls "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/*/lib/rustlib/"$host"/bin/rust-lld 2>/dev/null | head -1 || true)
if [ -z "$lld" ]; then
  major=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "lld-$major"
  lld=/usr/bin/lld-$major
fi
install -d "$sysroot/$host/bin"
ln -sf "$lld" "$sysroot/$host/bin/rust-lld"
rustup toolchain link wasm32-std /usr
