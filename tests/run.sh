#!/usr/bin/env bash
# Runs every test of Parc from a fresh clone: the programs end to end, the tests inside one program under the sanitizers,
# lints, a while of fuzzing; --long does more of each.
# The last line tells "N passed, N failed, N skipped"; the exit code is 0 when nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

usage() {
  cat <<'TEXT'
Usage: tests/run.sh [--quick | --long] [--fuzz MINUTES]
  --quick          the tests inside one program without a sanitizer, the lints and the format check
  --long           everything in full: also those tests without a sanitizer, more of them under the thread sanitizer,
                   clang-tidy on all files, the builds `release` and `dev`, 200 kill cycles, 10,000 power cuts, 10 minutes of
                   fuzzing a target
  --fuzz MINUTES   fuzzes each target for so long, instead of for some seconds
TEXT
}

mode=bounded
fuzz_seconds=15 fuzz_seed=1 # the same in each run: what a run finds by chance is for --fuzz
while [ $# -gt 0 ]; do
  case $1 in
    --quick) mode=quick ;;
    --long)
      mode=long fuzz_seconds=600 fuzz_seed=0
      export PARC_KILL_CYCLES="${PARC_KILL_CYCLES:-200}"
      export PARC_SIMULATION_SEEDS="${PARC_SIMULATION_SEEDS:-100000}" PARC_SIMULATION_FLEET="${PARC_SIMULATION_FLEET:-2000}"
      export PARC_CLONE_SEEDS="${PARC_CLONE_SEEDS:-1000}"
      export PARC_CLOCK_SECONDS="${PARC_CLOCK_SECONDS:-70}" PARC_PARTITION_SECONDS="${PARC_PARTITION_SECONDS:-60}"
      export PARC_RENEWALS="${PARC_RENEWALS:-20}" PARC_CERTIFICATE_SECONDS="${PARC_CERTIFICATE_SECONDS:-30}"
      export PARC_FLOODS="${PARC_FLOODS:-20}" PARC_OVERLOAD_SECONDS="${PARC_OVERLOAD_SECONDS:-60}"
      export PARC_STORM_LAPTOPS="${PARC_STORM_LAPTOPS:-5000}"
      export PARC_CRASH_SEEDS="${PARC_CRASH_SEEDS:-10000}" PARC_FLIPPED_COPIES="${PARC_FLIPPED_COPIES:-1000}"
      export PARC_DAMAGED_LOGS="${PARC_DAMAGED_LOGS:-3000}" PARC_MIGRATION_STRIDE="${PARC_MIGRATION_STRIDE:-1}"
      export PARC_IO_ERROR_STRIDE="${PARC_IO_ERROR_STRIDE:-1}"
      ;;
    --fuzz)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
      fuzz_seconds=$(($2 * 60)) fuzz_seed=0
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

. deploy/steps.sh
. deploy/packages.sh
logs=build/test-logs
mkdir -p "$logs" || exit 1
jobs=$(nproc)
passed=0 failed=0 skipped=0
began=$SECONDS

# check NAME WORDS COMMAND…: one thing that passes or fails; the run goes on, so that everything wrong is seen at once.
check() {
  local name=$1 words=$2
  shift 2
  STEP_LOG=$logs/$name.log
  if timed "$words" "$@"; then
    passed=$((passed + 1))
    return 0
  fi
  failed=$((failed + 1))
  tail_of "$STEP_LOG" 60
  return 1
}

# build PRESET [-DOPTION=…]… [TARGET…]
build() {
  local preset=$1 options=() targets=()
  shift
  while [[ ${1:-} == -D* ]]; do options+=("$1"); shift; done
  [ $# -eq 0 ] || targets=(--target "$@")
  cmake --preset "$preset" "${options[@]}" && cmake --build --preset "$preset" -j "$jobs" "${targets[@]}" -- -k 20
}

# run_ctest PRESET WORDS [CTEST OPTION…]: every test of a build, each of its cases counted.
run_ctest() {
  local preset=$1 words=$2 results=$PWD/$logs/ctest-$1.xml counts
  shift 2
  rm -f "$results"
  STEP_LOG=$logs/ctest-$preset.log
  timed "$words" ctest --preset "$preset" -j "$jobs" --no-tests=error --output-junit "$results" \
    --test-output-truncation head --test-output-size-passed 4096 --test-output-size-failed 65536 "$@"
  local result=$?
  if ! counts=$(python3 tests/tally.py "$results"); then
    failed=$((failed + 1))
    tail_of "$STEP_LOG"
    return 1
  fi
  local good bad left
  read -r good bad left <<<"$counts"
  [ "$result" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  printf '    %d passed, %d failed, %d skipped here\n' "$good" "$bad" "$left" >&2
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
}

own_sources() { git ls-files -- 'agent/*.cpp' 'agent/*.h' 'client/*.cpp' 'client/*.h' 'daemon/*.cpp' 'daemon/*.h' 'tests/*.cpp' 'tests/*.h'; }

check_format() { own_sources | xargs clang-format-14 --dry-run -Werror; }

# Over what the build `check` compiles, many files at a time: headers are most of the work here too.
run_tidy() {
  local units
  mapfile -t units < <(python3 -c '
import json
for unit in json.load(open("build/check/compile_commands.json")):
    if "/proto/" not in unit["file"]: print(unit["file"])')
  [ ${#units[@]} -gt 0 ] || { echo "nothing to look at"; return 1; }
  printf '%s\0' "${units[@]}" | xargs -0 -P "$jobs" -n 1 clang-tidy-14 -p build/check --quiet \
    --extra-arg=-Wno-unknown-warning-option || return 1
  echo "${#units[@]} compilations"
}

run_fuzzers() {
  local target bad=0
  mkdir -p "$logs/fuzz"
  for target in build/fuzz/fuzz/*; do
    [ -x "$target" ] && [ -f "$target" ] && printf '%s\0' "$target"
  done >"$logs/fuzz/targets"
  [ -s "$logs/fuzz/targets" ] || { echo "no fuzz target was built"; return 1; }
  FUZZ_SECONDS=$fuzz_seconds FUZZ_SEED=$fuzz_seed LOGS=$PWD/$logs/fuzz xargs -0 -P "$jobs" -n 1 bash -c '
    name=$(basename "$0"); corpus=$LOGS/$name.corpus; mkdir -p "$corpus"
    seeds=tests/fuzz/corpus/$name; [ -d "$seeds" ] || seeds=
    "$0" -seed="$FUZZ_SEED" -max_total_time="$FUZZ_SECONDS" -timeout=5 -rss_limit_mb=1024 -artifact_prefix="$LOGS/$name-" -print_final_stats=1 \
      "$corpus" $seeds >"$LOGS/$name.log" 2>&1 || { echo "$name:"; tail -40 "$LOGS/$name.log"; exit 1; }
    ' <"$logs/fuzz/targets" || bad=1
  return "$bad"
}

node_tools() {
  # npm leaves a copy of the lock behind: no network is needed when it is the same.
  local here=tests/node/node_modules/.parc-lock
  if cmp -s "$here" tests/node/package-lock.json; then return 0; fi
  npm ci --prefix tests/node --no-audit --no-fund --no-progress && cp tests/node/package-lock.json "$here"
}

say "Parc: tests ($mode, $jobs cores); logs are in $logs"
STEP_LOG=$logs/packages.log
install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
install_node
STEP_LOG=$logs/node.log step "the locked Node packages" node_tools

# Clones of one machine share what ccache holds.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=true

# A sanitizer's report ends the program, so that no test passes over it.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

check format "clang-format" check_format
if [ "$mode" = quick ]; then
  if check build-check "build: check" build check -DPARC_BUILD_UNIT_TESTS=ON; then
    run_ctest check "tests, without the end-to-end ones" -LE e2e
  fi
else
  check buf "buf lint" tests/node/node_modules/.bin/buf lint proto
  # Each test once: those inside one program under the address sanitizer, the others over programs without it (a library
  # that is loaded before its runtime, and limits of memory, are part of them).
  unit=OFF leaves='long|unit'
  [ "$mode" = bounded ] || unit=ON leaves='^$'
  if check build-check "build: check" build check -DPARC_BUILD_UNIT_TESTS=$unit; then
    run_ctest check "the programs, end to end" -LE "$leaves"
  fi
  if check build-asan "build: address and undefined-behaviour sanitizers" build asan unit_tests; then
    # Half of their time they wait for a disk or a clock.
    run_ctest asan "the tests inside one program, under them" -L unit -j $((jobs * 2))
  fi
  threads=tests_with_threads judged=(-L threads)
  [ "$mode" = bounded ] || threads=tests_without_grpc judged=(-L unit -LE grpc)
  if check build-tsan "build: thread sanitizer" build tsan "$threads"; then
    run_ctest tsan "tests with threads, under it" "${judged[@]}" -j $((jobs * 2))
  fi
  if check build-fuzz "build: fuzz targets (clang)" build fuzz; then
    check fuzz "fuzzing, $fuzz_seconds s a target" run_fuzzers
  fi
fi
if [ "$mode" = long ]; then
  check tidy "clang-tidy, all files" run_tidy
  say "    $(tail -n 1 "$logs/tidy.log")"
  check build-release "build: release" build release
  # File by file, as who works on Parc builds it: a file may lean on another only where many are one.
  check build-dev "build: dev" build dev
fi

say ""
say "Took $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s."
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
