#!/usr/bin/env bash
# Measures Parc on this machine and prints figures beside their goals. See usage().
set -u
cd "$(dirname "$0")/../.." || exit 1

usage() {
  cat <<'TEXT'
tests/bench/run.sh [--quick] [--json FILE] [--only R1,R7…] [--cache DIR] [--build DIR]

Builds what it needs (preset release, and parcd-bench: parcd with a no-op method to measure by), runs it, and prints the
table R1 to R12 with this run's figures, what is good and what is excellent, and how noisy the host was meanwhile.

  --quick        under two minutes, once everything is built and its fleets are made: shorter, and no million laptops
  --json FILE    the figures, too: {"R1": {"value": 0.91, "good": 0.80, "excellent": 0.90, "unit": "ratio"}, …};
                 a figure of several parts has a key for each (R3 and R3b). What was not measured has no key
  --only LIST    these figures, separated by commas
  --cache DIR    where simulated fleets are kept between runs (default: build/release/fleets); up to 6 GB without --quick.
                 On the disk that is to be measured
  --build DIR    measure the programs of this build, and build nothing
  --smoke        seconds, small numbers, no meaning: for tests of this program

Counts, bytes, CPU for each call and ratios inside this one run are what to trust; rates are this machine's.
TEXT
}

build=
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --build)
      build=${2:?--build wants a directory}
      shift
      ;;
    --json | --only | --cache)
      arguments+=("$1" "${2:?$1 wants a value}")
      shift
      ;;
    --quick | --smoke) arguments+=("$1") ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

if [ -z "$build" ]; then
  build=$PWD/build/release
  mkdir -p "$build" || exit 1
  echo "building (preset release) …" >&2
  targets=(parcd-bench parc parc-swarm parc-agent parc-agent-report)
  if ! { cmake --preset release && cmake --build --preset release -j "$(nproc)" --target "${targets[@]}"; } >"$build/run.log" 2>&1; then
    tail -n 40 "$build/run.log" >&2
    exit 1
  fi
  # R12's needs libbenchmark-dev besides; the others are measured without it.
  cmake --build --preset release -j "$(nproc)" --target forecast_benchmark >>"$build/run.log" 2>&1 ||
    echo "R12 is left out: its benchmark was not built; $build/run.log tells why" >&2
fi
PARC_BIN=$build/bin exec /usr/bin/python3 -B tests/bench/table.py ${arguments[@]+"${arguments[@]}"}
