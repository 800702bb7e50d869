# shellcheck shell=bash
# Sourced by deploy/quickstart.sh and tests/run.sh: how a script tells what it does, how long it takes, and why it stops.
#
#   STEP_LOG=FILE        where the output of steps goes
#   step WORDS COMMAND…  runs the command quietly; prints the words and the time; stops with a sentence when it fails
#   fail SENTENCE        stops

say() { printf '%s\n' "$*" >&2; }

fail() {
  say ""
  say "Stopped: $*"
  exit 1
}

# The last lines of a log, set off from our own words.
tail_of() {
  [ -s "$1" ] || return 0
  say "    the end of $1:"
  tail -n "${2:-25}" "$1" | sed 's/^/    | /' >&2
}

# Runs a command with its output in STEP_LOG and its time on the terminal; returns what the command returned.
timed() {
  local words=$1 began=$SECONDS result=0
  shift
  printf '  %-62s ' "$words" >&2
  "$@" >"$STEP_LOG" 2>&1 </dev/null || result=$?
  if [ "$result" -eq 0 ]; then
    printf '%4d s\n' $((SECONDS - began)) >&2
  else
    printf '%4d s  FAILED\n' $((SECONDS - began)) >&2
  fi
  return "$result"
}

step() {
  timed "$@" && return 0
  tail_of "$STEP_LOG"
  fail "the step \"$1\" failed."
}
