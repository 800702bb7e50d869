#!/usr/bin/env bash
# From a fresh Debian 12 machine to a running Parc: builds it, starts the daemon with the reference case in it, hands out
# 100 laptops, and lets this machine's own agent check in. Safe to run again: what is there is used.
#
#   deploy/quickstart.sh          everything it makes goes into ./parc-trial, or into $PARC_TRIAL
#   deploy/quickstart.sh stop     ends the daemon and keeps the directory
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. deploy/steps.sh
. deploy/packages.sh

repository=$PWD
trial=$(realpath -m "${PARC_TRIAL:-parc-trial}")
state=$trial/state
agent_state=$trial/agent
case_files=$trial/case
logs=$trial/logs
pid_file=$trial/parcd.pid
bin=$repository/build/release/bin
tag=TRIAL-001
export XDG_CONFIG_HOME=$trial/config
export LC_ALL=C.UTF-8

parc() { "$bin/parc" "$@"; }
parc_agent() { "$bin/parc-agent" --config "$trial/agent.toml" --state-dir "$agent_state" "$@"; }

# ── the daemon ──

# The pid of our daemon; nothing when it is not running. A pid file alone proves nothing: the number may be another's by now.
daemon_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] || return 0
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "parcd --state-dir $state " && echo "$pid"
}

port_of() { sed -n "s/^$1 *= *\([0-9]*\).*/\1/p" "$state/ports.toml"; }

is_ready() { curl -sf --max-time 2 "http://127.0.0.1:$(port_of metrics)/readyz" >/dev/null 2>&1; }

stop_daemon() {
  local pid
  pid=$(daemon_pid)
  [ -n "$pid" ] || return 0
  kill -TERM "$pid"
  for _ in $(seq 150); do
    [ -d "/proc/$pid" ] || { rm -f "$pid_file"; return 0; }
    sleep 0.1
  done
  return 1
}

start_daemon() {
  rm -f "$state/ports.toml"
  setsid "$bin/parcd" --state-dir "$state" >>"$logs/parcd.log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  for _ in $(seq 150); do
    [ -n "$(daemon_pid)" ] || [ -d "/proc/$(cat "$pid_file")" ] || break
    [ -s "$state/ports.toml" ] && is_ready && return 0
    sleep 0.2
  done
  tail -n 20 "$logs/parcd.log"
  return 1
}

run_daemon() {
  local pid
  pid=$(daemon_pid)
  if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/exe")" = "$bin/parcd" ] && is_ready; then
    say "  the daemon is running already (pid $pid)"
    return 0
  fi
  [ -z "$pid" ] || step "stopping the daemon of an earlier build" stop_daemon
  step "starting the daemon" start_daemon
}

# ── the fleet ──

import_case() {
  local kind
  for kind in sites people orders laptops; do
    parc import "$kind" "$case_files/$kind.csv" || return 1
  done
}

# What the forecast assumes of the case: 50 laptops are prepared and handed out a day, as on 16 and 17 March; the records
# are complete from the day on which the crisis cell opened; and the hope of that spring.
plan_case() {
  parc planning set --capacity 50 --reserve 0 --records-since 2020-03-12 --country FR --on 2020-03-12 &&
    parc target set fin-2020 --by 2020-12-31 --ratio 100% --people 'population = "Siège"' --on 2020-03-20
}

has_target() { parc targets -o csv --no-headers | grep -q '^fin-2020,'; }

equipped_at_headquarters() { # DATE
  parc status 'population = "Siège"' --as-of "$1" -o json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["total"].get("equipped", 0))'
}

first_column() { python3 -c 'import csv, sys; print(*(row[0] for row in list(csv.reader(sys.stdin))[1:]), sep="\n")'; }

# People of headquarters without a laptop, those on priority missions first.
waiting() { parc people 'population = "Siège" AND equipped = false' --order-by tier,id --columns id -o csv "$@" | first_column; }

# The hand-out of 16 and 17 March: the laptops of the stock room, 50 a day, to those who wait, by tier.
hand_out() {
  local done index laptops people
  done=$(equipped_at_headquarters 2020-03-20) && done=$((done - 620)) || return 1
  mapfile -t laptops < <(parc laptops 'state = PREPARED AND site = "ORL-STOCK"' --columns asset_tag -o csv | first_column)
  mapfile -t people < <(waiting --as-of 2020-03-17)
  for ((index = 0; done + index < 100; index++)); do
    printf '%s %s 2020-03-%d\n' "${laptops[index]}" "${people[index]}" $((done + index < 50 ? 16 : 17))
  done >"$logs/hand-out.txt"
  while read -r laptop person day; do
    parc assign "$laptop" "$person" --on "$day" --reason "Continuity plan: telework" >/dev/null || return 1
  done <"$logs/hand-out.txt"
}

hardware() { tr -d ';"\r\n' <"/sys/class/dmi/id/$1" 2>/dev/null || true; }

# This machine becomes a laptop of the fleet, held by the first of those who still wait.
register_this_machine() {
  {
    echo "Asset tag;Manufacturer;Model;State;Site;Notes"
    echo "$tag;$(hardware sys_vendor);$(hardware product_name);Prepared;ORL-STOCK;The machine that Parc is tried on"
  } >"$case_files/this-machine.csv"
  parc import laptops "$case_files/this-machine.csv" && parc assign "$tag" "$(waiting | head -n 1)" --reason "Trial of Parc"
}

is_enrolled() { ! parc_agent status | grep -q 'not enrolled'; }

enrol_this_machine() { parc enrol new --laptop "$tag" | parc_agent enrol -; }

# ── what is left behind ──

write_wrappers() {
  local name
  cat >"$trial/parc" <<TEXT
#!/bin/sh
# The command line, logged in to the trial's daemon.
export XDG_CONFIG_HOME='$trial/config'
exec '$bin/parc' "\$@"
TEXT
  cat >"$trial/parc-agent" <<TEXT
#!/bin/sh
# The agent of this machine, as the trial enrolled it.
exec '$bin/parc-agent' --config '$trial/agent.toml' --state-dir '$agent_state' "\$@"
TEXT
  for name in parc parc-agent; do chmod 755 "$trial/$name"; done
}

show() {
  say ""
  printf '$ parc %s\n' "$*"
  parc "$@" || fail "\"parc $*\" failed."
}

main() {
  local began=$SECONDS
  say "Parc: quickstart. Everything it makes is in $trial; built programs are in build/release/bin."
  mkdir -p "$logs" "$case_files" "$agent_state" "$XDG_CONFIG_HOME" || fail "the directory $trial cannot be written."
  chmod 700 "$trial" "$agent_state" "$XDG_CONFIG_HOME"
  STEP_LOG=$logs/quickstart.log

  install_packages "${BUILD_PACKAGES[@]}"
  step "configuring the build" cmake --preset release
  step "building (the first time takes some minutes)" cmake --build --preset release -j "$(nproc)"
  [ -s "$case_files/laptops.csv" ] || step "writing the case's files" python3 -B deploy/case/generate.py "$case_files"
  run_daemon
  write_wrappers
  [ -e "$trial/agent.toml" ] || printf '# The agent of the trial; see parc-agent --help.\nroot = "/"\n' >"$trial/agent.toml"

  parc status >/dev/null 2>&1 ||
    step "logging in" parc login --server "localhost:$(port_of people)" --ca "$state/ca/root.pem" --token-file "$state/login.token"
  # Only once: the files tell of 12 March, and the fleet has gone on since.
  [ "$(equipped_at_headquarters 2020-03-12)" -ge 620 ] || step "importing sites, people, orders and laptops" import_case
  if [ "$(equipped_at_headquarters 2020-03-20)" -lt 720 ]; then
    step "handing out 100 laptops by tier" hand_out
  fi
  has_target || step "noting capacity and the target of 31 December 2020" plan_case
  parc laptop show "$tag" >/dev/null 2>&1 || step "recording this machine as laptop $tag" register_this_machine
  is_enrolled || step "enrolling this machine" enrol_this_machine
  step "checking in" parc_agent once

  show status
  show status --as-of 2020-03-12
  show status --as-of 2020-03-20
  show why "$tag"
  show forecast 'population = "Siège"' --as-of 2020-03-20 --by 2020-12-31

  say ""
  say "Done in $((SECONDS - began)) s. The daemon runs on (pid $(daemon_pid)). Go on with"
  say "  ${trial#"$repository"/}/parc laptops 'readiness = NOT_READY'"
  say "  ${trial#"$repository"/}/parc people 'tier = 1 AND equipped = false'"
  say "  ${trial#"$repository"/}/parc orders open --as-of 2020-03-20"
  say "  ${trial#"$repository"/}/parc suppliers --as-of 2020-03-20"
  say "  ${trial#"$repository"/}/parc history $tag"
  say "  ${trial#"$repository"/}/parc forecast order 'population = \"Siège\"' --as-of 2020-03-20 --by 2020-12-31 --confidence 0.9"
  say "  ${trial#"$repository"/}/parc report flash --month 2020-04 --output april.html"
  say "  ${trial#"$repository"/}/parc --help"
  say "  ${trial#"$repository"/}/parc-agent facts"
  say "and end it with"
  say "  deploy/quickstart.sh stop"
}

case ${1:-} in
  "") main ;;
  stop)
    if [ -z "$(daemon_pid)" ]; then
      say "No daemon of $trial is running."
    else
      stop_daemon || fail "the daemon did not end within 15 s; see $logs/parcd.log."
      say "The daemon has ended; $trial is kept."
    fi
    ;;
  *)
    say "Usage: deploy/quickstart.sh [stop]"
    exit 2
    ;;
esac
